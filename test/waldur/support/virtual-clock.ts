/** A clock that stands still until it is moved. */
export class VirtualClock {
  /** Since the epoch. */
  ms = 1_700_000_000_000;
  readonly now = (): number => this.ms;
}
