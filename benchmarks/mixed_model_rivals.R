# Fit what mixed_model_speed.py asks for and say how long it took.
#
# Each line of standard input is "model file"; the answer is one line: seconds of one fit with its
# table of coefficients, then estimate, standard error and df (NA: none) of the last coefficient.
# The file is read before the clock starts, once; the process stays, so later fits are warm.

suppressPackageStartupMessages({
  library(lme4)
  library(lmerTest)
  library(nlme)
})
options(warn = -1)

growth <- y ~ time * arm + (1 + time | patient)
nested <- y ~ time * arm + (1 + time | patient) + (1 | therapist)
# lme4 without the derivatives it takes to check itself: its fastest way.
fast <- lme4::lmerControl(calc.derivs = FALSE)

models <- list(
  lme4 = function(d) coef(summary(lme4::lmer(growth, d, control = fast))),
  lmerTest = function(d) coef(summary(lmerTest::lmer(growth, d), ddf = "Satterthwaite")),
  pbkrtest = function(d) coef(summary(lmerTest::lmer(growth, d), ddf = "Kenward-Roger")),
  lme4_nested = function(d) coef(summary(lme4::lmer(nested, d, control = fast))),
  lmerTest_nested = function(d) coef(summary(lmerTest::lmer(nested, d), ddf = "Satterthwaite")),
  gls = function(d) {
    summary(nlme::gls(
      y ~ visit * arm, d,
      correlation = nlme::corSymm(form = ~ visit_number | patient),
      weights = nlme::varIdent(form = ~ 1 | visit)
    ))$tTable
  }
)

read_rows <- function(file) {
  rows <- read.csv(file, stringsAsFactors = TRUE)
  rows$arm <- relevel(rows$arm, "usual_care")
  rows
}

known <- new.env()
asked <- file("stdin", open = "r")
while (length(line <- readLines(asked, n = 1)) > 0) {
  words <- strsplit(line, " ", fixed = TRUE)[[1]]
  if (is.null(known[[words[2]]])) known[[words[2]]] <- read_rows(words[2])
  rows <- known[[words[2]]]
  gc()
  seconds <- system.time(numbers <- suppressMessages(models[[words[1]]](rows)))[["elapsed"]]
  last <- numbers[nrow(numbers), ]
  df <- if ("df" %in% names(last)) last[["df"]] else NA
  cat(format(c(seconds, last[[1]], last[[2]], df), digits = 15, trim = TRUE), "\n")
  flush(stdout())
}
