import type { RedriveSummary } from '@boxoffice/messaging/operations'
import {
  type RedriveReceipt,
  RedriveReceiptSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { type Timestamp, timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt'

/** How a service stores the receipts of its redrives: as the answers that repeated calls get. */
export const redriveReceipts = {
  encode: (summary: RedriveSummary) => toBinary(RedriveReceiptSchema, toReceipt(summary)),
  decode: (receipt: Uint8Array) => fromReceipt(fromBinary(RedriveReceiptSchema, receipt)),
}

export function toReceipt(summary: RedriveSummary): RedriveReceipt {
  return create(RedriveReceiptSchema, {
    redriveId: summary.redriveId,
    subject: summary.subject,
    createTime: timestampFromDate(summary.createdAt),
    redriven: BigInt(summary.redriven),
    failed: BigInt(summary.failed),
    remaining: BigInt(summary.remaining),
    failures: summary.failures.map((failure) => ({ ...failure, remaining: BigInt(failure.remaining) })),
  })
}

function fromReceipt({ redriveId, subject, createTime, ...receipt }: RedriveReceipt): RedriveSummary {
  return {
    redriveId,
    subject,
    createdAt: timestampDate(createTime as Timestamp),
    redriven: Number(receipt.redriven),
    failed: Number(receipt.failed),
    remaining: Number(receipt.remaining),
    failures: receipt.failures.map(({ deadLetterId, error, remaining }) => ({
      deadLetterId,
      error,
      remaining: Number(remaining),
    })),
  }
}
