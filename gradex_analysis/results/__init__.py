"""What does every answer offer?"""
