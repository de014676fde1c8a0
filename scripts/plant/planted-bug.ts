/** A bug that is put into a copy of one source to see that a test notices it. */
export interface PlantedBug {
  /** Its name in reports and on the command line; unique. */
  readonly name: string
  /** What is wrong once it is planted, in a sentence. */
  readonly bug: string
  /** The source, from the project's folder. */
  readonly file: string
  /** Text that stands exactly once in the source. */
  readonly find: string
  /** What stands there instead. */
  readonly put: string
  /** The file of tests that must go red. */
  readonly test: string
  /** Run only tests that have this in their full name. */
  readonly only?: string
  /**
   * Text that the failure must contain where it is neither an assertion's nor a NetError's: `RangeError: width`,
   * `timed out` (then tests get 10 s).
   */
  readonly failsWith?: string
}
