import {
  type PointTransaction,
  PointTransactionKind,
  PointTransactionSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import type { ShownLedgerRow } from '../storage/entities.ts'

/** A ledger row as the API shows it. */
export function toPointTransaction(row: ShownLedgerRow): PointTransaction {
  return create(PointTransactionSchema, {
    transactionId: row.transactionId,
    kind: PointTransactionKind[row.kind],
    amount: row.amount,
    balance: row.balance,
    paymentId: row.paymentId ?? '',
    time: timestampFromDate(row.createdAt),
  })
}
