import { expect } from 'chai'
import { topicsOfGroup } from '../services/console/src/contract/schemas.ts'
import { auditTrail } from '../services/console/src/messages/audit-trail.ts'
import { sagaEvents } from '../services/payment/src/messages/saga-events.ts'
import { pointCommands } from '../services/point/src/messages/point-commands.ts'
import { reservationCommands } from '../services/reservation/src/messages/reservation-commands.ts'

describe('the topics whose lag the console shows', () => {
  it('are those that the consumer of each service reads', () => {
    const unused = {} as never
    expect(topicsOfGroup).to.deep.equal({
      payment: sagaEvents(unused).topics,
      point: pointCommands.topics,
      reservation: reservationCommands.topics,
      console: auditTrail(() => undefined).topics,
    })
  })
})
