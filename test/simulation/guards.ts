/** The guards that the simulation keeps. Tests remove one to see that its absence is noticed. */
export interface Guards {
  /** False makes each consumer handle messages that it has handled before. */
  readonly inbox: boolean
  /** False makes point forget its decision for a payment. */
  readonly debits: boolean
  /** False makes reservation forget its decision for a payment. */
  readonly confirmations: boolean
}

export const allGuards: Guards = { inbox: true, debits: true, confirmations: true }
