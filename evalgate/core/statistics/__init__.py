"""The numbers behind a verdict, one small file per idea; each formula is stated once and carries a doctest.

tails       one-sided bounds, quantiles, the two bisections
verdicts    bound and interval → pass, fail, inconclusive; the six states of a change
means       clustered means: sums, standard error, degrees of freedom, the sparse guard, the all-ties rule
binary      shares of 0/1 scores: Clopper-Pearson, Korn-Graubard, the tripwire's upper bound
tango       paired 0/1 changes: Tango's score interval
betting     time-uniform bounds: the mixture betting capital
quantiles   order-statistic bounds of a latency quantile
unscored    the low and high ends of what was not scored
holm        the level each of many fail tests is held to, and each attempt
agreement   how far raters agree beyond chance: kappas, alpha, AC1, with jackknife or bootstrap bounds
labelled    a judge's mean or change corrected with people's labels, PPI++
weighting   what each sampled item stands for: absolute chances, strata, and strata with too few items
sampled     the mean of sampled traffic, why it is not known, the difference of two, the control slice's check
allocation  a budget spread over strata, and the width and delay it buys
detecting   a drop found window by window, and production's verdict
planning    how many cases are needed, and what a given number can see

Everything here is pure: plain numbers and arrays in, plain numbers out. numpy and scipy.special are imported inside
the functions that need them, so that naming an estimate costs nothing.
"""
