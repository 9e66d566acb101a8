# Writes the data sets of the comparison: Rscript export.R FOLDER
#
# Each becomes FOLDER/<name>.csv, with the institutions in the column
# `institution`, and, where rows belong to schools or the like,
# FOLDER/<name>.toml: the codebook <name>/codebook.toml with a column of kind
# site for each of them, which lists what institution holds which. SOURCES.md
# says where the data come from and how the institutions were made.
suppressPackageStartupMessages({
  library(nlme); library(lme4); library(mlmRev); library(survival); library(carData)
})
args <- commandArgs(trailingOnly = TRUE)
if (length(args) != 1 || !dir.exists(args[1])) stop("give one folder that is there: Rscript export.R FOLDER")
folder <- args[1]
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))

# deal gives each unit one of n institutions, in turn, in the order in which
# units first stand in the data; rows of a unit stay together.
deal <- function(unit, n) paste0("group", (match(unit, unique(unit)) - 1) %% n + 1)
yes <- function(x, level) as.integer(x == level)
name <- function(x) as.character(x) # numbers that are names

# write saves the rows, and the codebook with the sites when there are any. A
# site at two institutions would be refused later; here it is a mistake of ours.
write <- function(dataset, d, sites = character()) {
  write.csv(d, file.path(folder, paste0(dataset, ".csv")), row.names = FALSE, na = "", quote = FALSE, eol = "\n")
  codebook(dataset, d, "institution", sites)
}
codebook <- function(dataset, d, by, sites) {
  if (length(sites) == 0) return(invisible())
  lines <- readLines(file.path(here, dataset, "codebook.toml"))
  for (site in sites) {
    held <- unique(d[c(by, site)])
    if (anyDuplicated(held[[site]])) stop(dataset, ": a ", site, " spans institutions")
    listed <- tapply(held[[site]], held[[by]], function(s) paste0("\"", s, "\"", collapse = ", "))
    lines <- c(lines, "", "[[column]]", sprintf("name = \"%s\"", site), "kind = \"site\"",
               sprintf("label = \"%s to which the row belongs\"", tools::toTitleCase(site)),
               "[column.sites]", sprintf("%s = [%s]", names(listed), listed))
  }
  writeLines(lines, file.path(folder, paste0(dataset, ".toml")))
}

# The flagship is in the repository; only its sites are added.
pupils <- read.csv(file.path(here, "..", "language", "pupils.csv"))
codebook("pupils", pupils, "node", "school")

m <- merge(as.data.frame(MathAchieve), MathAchSchool[c("School", "Size", "Sector", "DISCLIM")], by = "School")
m <- m[order(as.integer(name(m$School))), ]
block <- (match(m$School, unique(m$School)) - 1) %/% 20 + 1 # 8 institutions of 20 schools
write("mathachieve", data.frame(
  institution = paste0("group", block), school = name(m$School), math = m$MathAch, ses = m$SES, female = yes(m$Sex, "Female"),
  mean_ses = m$MEANSES, sector = tolower(m$Sector), size = m$Size, climate = m$DISCLIM), "school")

c97 <- Chem97
write("chemistry", data.frame(
  institution = deal(c97$lea, 6), authority = name(c97$lea), school = name(c97$school), score = c97$score,
  female = yes(c97$gender, "F"), age = c97$age, gcse = c97$gcsecnt), c("school", "authority"))

write("growth", data.frame(
  institution = deal(egsingle$childid, 5), math = egsingle$math, year = egsingle$year, female = yes(egsingle$female, "Female"),
  retained = yes(egsingle$retained, "1"), school = name(egsingle$schoolid)))

write("melanoma", data.frame(
  institution = deal(Mmmec$region, 5), region = paste0("r", Mmmec$region), deaths = Mmmec$deaths,
  log_expected = log(Mmmec$expected), uvb = Mmmec$uvb), "region")

write("ticks", data.frame(
  institution = deal(grouseticks$LOCATION, 4), location = paste0("l", grouseticks$LOCATION), ticks = grouseticks$TICKS,
  year = paste0("19", grouseticks$YEAR), height = grouseticks$HEIGHT), "location")

write("rare", data.frame(
  institution = deal(seq_len(nrow(flchain)), 6), nervous = as.integer(flchain$chapter %in% "Nervous"), age = flchain$age,
  female = yes(flchain$sex, "F"), kappa = flchain$kappa, lambda = flchain$lambda))

write("liver", data.frame(
  institution = deal(seq_len(nrow(pbc)), 5), died = yes(pbc$status, 2), age = pbc$age, female = yes(pbc$sex, "f"),
  bilirubin = pbc$bili, albumin = pbc$albumin, cholesterol = pbc$chol, copper = pbc$copper, platelets = pbc$platelet))

write("wages", data.frame(
  institution = deal(seq_len(nrow(SLID)), 7), wage = SLID$wages, education = SLID$education, age = SLID$age,
  male = yes(SLID$sex, "Male"), language = tolower(SLID$language)))

write("flowers", data.frame(
  institution = deal(seq_len(nrow(iris)), 3), virginica = yes(iris$Species, "virginica"), sepal_length = iris$Sepal.Length,
  sepal_width = iris$Sepal.Width, petal_length = iris$Petal.Length, petal_width = iris$Petal.Width))

part <- c(ON = "ontario", QC = "quebec", BC = "west", AB = "west", SK = "west", MB = "west",
          NB = "east", NL = "east", NS = "east", PE = "east")
write("survey", data.frame(
  institution = part[name(CES11$province)], weight = CES11$weight, female = yes(CES11$gender, "Female"),
  importance = match(CES11$importance, c("not", "notvery", "somewhat", "very")), very = yes(CES11$importance, "very"),
  education = CES11$education, urban = yes(CES11$urban, "urban")))

# One row for each cell of the table and each outcome, its count as its weight.
cells <- rbind(data.frame(esoph[1:3], case = 1, people = esoph$ncases), data.frame(esoph[1:3], case = 0, people = esoph$ncontrols))
cells <- cells[cells$people > 0, ]
write("cells", data.frame(
  institution = deal(seq_len(nrow(cells)), 3), case = cells$case, people = cells$people, age = cells$agegp,
  alcohol = sub("g/day", "", cells$alcgp), tobacco = sub("g/day", "", cells$tobgp)))

g <- GSSvocab
write("vocabulary", data.frame(
  institution = paste0("years", (match(g$year, sort(unique(g$year))) - 1) %/% 4 + 1), words = g$vocab, age = g$age, schooling = g$educ,
  female = yes(g$gender, "female"), native = yes(g$nativeBorn, "yes")))

write("contraception", data.frame(
  institution = deal(Contraception$district, 6), district = paste0("d", Contraception$district), uses = yes(Contraception$use, "Y"),
  age = Contraception$age, children = Contraception$livch, urban = yes(Contraception$urban, "Y")), "district")
