import type { RedriveSummary } from './redrive.ts'

/** How the receipt of a redrive is stored: the summary that ended it, which a repeated call returns. */
export interface ReceiptCodec {
  encode(summary: RedriveSummary): Uint8Array
  decode(receipt: Uint8Array): RedriveSummary
}

export const jsonReceipts: ReceiptCodec = {
  encode: (summary) => Buffer.from(JSON.stringify(summary)),
  decode(receipt) {
    const summary = JSON.parse(Buffer.from(receipt).toString())
    return { ...summary, createdAt: new Date(summary.createdAt) }
  },
}
