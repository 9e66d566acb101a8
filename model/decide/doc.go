// Package decide says what a model would mean in use: whom a team of a given
// size could select for a conversation, and whether selecting by the model does
// more good than selecting everybody or nobody at the price that the user puts
// on a false alarm.
//
// It reads bins that an evaluation has opened already, at most 20 runs of
// predictions with their rows and events, and asks no institution for anything.
// Where within a bin a row lies is not known, so every figure comes with the
// least and the most that any order within the bins allows. It does not know
// either whether the rows of the evaluation are like the children of next month,
// nor what a conversation does to a family: both are for people to judge.
package decide
