/** What is not taken out, to see that it is missed. */
export interface Guards {
  /** False lets each consumer handle what it has handled before. */
  readonly inbox: boolean
  /** False lets point forget what it decided for a payment. */
  readonly debits: boolean
  /** False lets reservation forget what it decided for a payment. */
  readonly confirmations: boolean
}

export const allGuards: Guards = { inbox: true, debits: true, confirmations: true }
