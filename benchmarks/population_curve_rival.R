# Fits the population of decays by nlme whenever a number of random effects comes on standard input.
suppressMessages(library(nlme))
file <- commandArgs(trailingOnly = TRUE)[1]
d <- read.csv(file)
d$patient <- factor(d$patient)
course <- fear ~ Asym + (R0 - Asym) * exp(-exp(lrc) * minute)

fit <- function(effects) {
  began <- proc.time()[["elapsed"]]
  ends <- list(
    Asym = mean(d$fear[d$minute >= 0.9 * max(d$minute)]),
    R0 = mean(d$fear[d$minute == 0]),
    lrc = log(2 / max(d$minute))
  )
  start <- coef(nls(course, d, start = ends))
  random <- if (effects == 2) Asym + lrc ~ 1 | patient else Asym + lrc + R0 ~ 1 | patient
  m <- try(nlme(
    course, d, fixed = Asym + R0 + lrc ~ 1, random = random, start = start[c("Asym", "R0", "lrc")],
    control = nlmeControl(maxIter = 200, pnlsTol = 1e-4)
  ), silent = TRUE)
  said <- if (inherits(m, "try-error")) "no fit" else {
    s <- summary(m)$tTable
    paste(sprintf("%s %.4f (%.4f)", rownames(s), s[, 1], s[, 2]), collapse = ", ")
  }
  cat(proc.time()[["elapsed"]] - began, "\t", gsub("[\t\n]", " ", said), "\n", sep = "")
}

input <- file("stdin", "r")
repeat {
  line <- readLines(input, n = 1)
  if (length(line) == 0) break
  suppressWarnings(fit(as.integer(line)))
}
