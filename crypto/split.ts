/** How something is shared out: any `threshold` (r) of `total` (s) parts give it back. */
export interface Split {
  readonly threshold: number
  readonly total: number
}
