// The package has no types of its own; these are of what is used.
declare module 'jstat' {
  const library: {
    readonly jStat: {
      /** The regularised lower incomplete gamma function P(a, x), to nine digits. */
      lowRegGamma(a: number, x: number): number
    }
  }
  export = library
}
