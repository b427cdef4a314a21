/** An error of the user's, printed without a stack trace. */
export class UserError extends Error {}
