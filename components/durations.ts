/** Durations, which are whole seconds everywhere in the program, as others write them. */

/** As Go reads it, in its largest whole unit, of which hours are the largest. */
export function goDuration(seconds: number): string {
  if (seconds % 3600 === 0) return `${(seconds / 3600).toString()}h`;
  return seconds % 60 === 0 ? `${(seconds / 60).toString()}m` : `${seconds.toString()}s`;
}
