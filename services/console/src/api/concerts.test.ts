import type { Database } from '@boxoffice/common/postgres/database.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { SeatStatus } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { ListSeatsResponseSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { expect } from 'chai'
import type { FastifyInstance } from 'fastify'
import { registerConcerts } from './concerts.ts'
import { createApp } from './http-app.ts'
import type { Services } from './services.ts'

const concertId = '7f3214a1-6052-5830-b59d-30cb4615f28e'

describe('the seats of a concert', () => {
  let app: FastifyInstance
  afterEach(() => app.close())

  it('are all returned in the order of the map, even for the largest concert', async () => {
    const { seats, nextPageToken, position } = await seatsOf(20_000)
    expect(seats.map(({ seat }) => seat)).to.deep.equal(
      Array.from({ length: 20_000 }, (_, nth) => nameOf(nth)),
    )
    expect(seats[19_999]).to.deep.equal({ seat: nameOf(19_999), price: '100', status: 'SEAT_STATUS_HELD' })
    expect([nextPageToken, position]).to.deep.equal([undefined, '7'])
  })

  it('are read in a bounded number of pages, however many the service returns', async () => {
    const { seats, nextPageToken } = await seatsOf(1_000_000)
    expect([seats.length, nextPageToken]).to.deep.equal([20_000, '20000'])
  })

  it('are read once for all requests that wait at the same time, and again for a later one', async () => {
    let pages = 0
    const page = listSeats(20_000)
    serve((asked) => {
      pages += 1
      return page(asked)
    })
    const maps = await Promise.all(Array.from({ length: 10 }, async () => (await askForSeats()).body))
    expect(pages).to.equal(4)
    expect(new Set(maps).size).to.equal(1)
    expect(JSON.parse(maps[0] ?? '').seats).to.have.length(20_000)
    await askForSeats()
    expect(pages).to.equal(8)
  })

  async function seatsOf(total: number): Promise<{
    readonly seats: readonly { readonly seat: string }[]
    readonly nextPageToken?: string
    readonly position: string
  }> {
    serve(listSeats(total))
    return (await askForSeats()).json()
  }

  function serve(answer: ReturnType<typeof listSeats>): void {
    app = createApp(createLog({ service: 'test', level: 'silent' }))
    registerConcerts(app, trailAt('7'), { reservations: { listSeats: answer } } as unknown as Services)
  }

  const askForSeats = () => app.inject(`/api/concerts/${concertId}/seats`)
})

/** Answers as reservation does. */
function listSeats(total: number) {
  return async ({ pageSize, pageToken }: { readonly pageSize: number; readonly pageToken: string }) => {
    const from = Number(pageToken)
    const end = Math.min(from + pageSize, total)
    return create(ListSeatsResponseSchema, {
      seats: Array.from({ length: end - from }, (_, nth) => ({
        seat: nameOf(from + nth),
        price: 100n,
        status: SeatStatus.HELD,
      })),
      nextPageToken: end < total ? String(end) : '',
    })
  }
}

const nameOf = (nth: number): string => `A-${Math.floor(nth / 100) + 1}-${(nth % 100) + 1}`

function trailAt(position: string): Database {
  const kysely = { executeQuery: async () => ({ rows: [{ position }] }) }
  return { em: () => ({ getKysely: () => kysely }) } as unknown as Database
}
