/** An error of the user's, told without a stack trace. */
export class UserError extends Error {}
