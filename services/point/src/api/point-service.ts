import { callUnits } from '@boxoffice/common/admission/limits.ts'
import { implement } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { chargePoints } from './charge-points.ts'
import { getBalance } from './get-balance.ts'
import { listPointTransactions } from './list-point-transactions.ts'

/** boxoffice.point.v1.PointService. */
export function pointService(database: Database) {
  return implement(
    PointService,
    {
      chargePoints: chargePoints(database),
      getBalance: getBalance(database),
      listPointTransactions: listPointTransactions(database),
    },
    { units: { chargePoints: callUnits.write, listPointTransactions: callUnits.list } },
  )
}
