// Package lmm finds the variance between sites of a linear mixed model, from sums
// over sites that rounds open one after the other.
//
// The model. A linear mixed model y = X b + u_site + e with one random intercept for each
// site (Laird and Ware, Biometrics 38, 1982; R's lme4::lmer, Bates et al.,
// Journal of Statistical Software 67, 2015). With theta the variance of u over
// that of e, a site g of n_g rows has
//
//	V_g = I + theta 11',  V_g^-1 = I - theta/(1+n_g theta) 11',  log|V_g| = log(1+n_g theta),
//
// so that all that theta changes is sums over sites of c_g s_g s_g', with s_g
// the site's sums of [1, x, y] and c_g = theta/(1+n_g theta).
//
// Which theta to open. With m = n/G rows a site on average and
// w = theta/(1+m theta), c_g is w/(1 + (n_g-m) w): for sites of one size a
// straight line in w, and otherwise w times
//
//	q_g(w) = 1/(1 + (n_g-m) w) = (1+m theta)/(1+n_g theta),
//
// which is smooth, and 1 at theta = 0. Each round opens P(w) = sum q_g s_g s_g'
// and sum log q_g at one trial. Between the trials every entry of P is taken as
// the polynomial in w through what was opened, and the optimum of the profile
// (restricted) likelihood of that polynomial is the next trial. No derivative
// is opened: it would cost as many numbers as another trial, and two trials
// say more. The error is known: after trials w_1..w_k the polynomial is off by
// the factor prod (w-w_i)/(w_i+1/(n_g-m)) for what a site adds, so the error of
// an optimum is about the product of all earlier ones but the last. Sites of
// one size take 2 trials, schools 4 to 6.
//
// What it does: says which theta to open next, when to stop, and what estimate,
// covariance and likelihood are at the end; all but the likelihood the same bits on
// every processor.
//
// What it trusts: that the sums are true. It refuses those that no sites can give.
//
// What it never does: see a row or a site's own sums, or know a study.
package lmm
