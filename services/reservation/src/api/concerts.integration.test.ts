import { randomUUID } from 'node:crypto'
import { Code } from '@boxoffice/common/status/errors.ts'
import { refusalOf } from '@boxoffice/common/testing/refusal.ts'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { expect } from 'chai'
import { type RunningReservation, startReservation } from '../testing/start-reservation.ts'

const startTime = timestampFromDate(new Date('2027-05-01T20:00:00Z'))

describe('CreateConcert, ListConcerts and ListSeats', () => {
  let service: RunningReservation
  before(async () => {
    service = await startReservation()
  })
  after(() => service.stop())

  it('creates a concert whose seat map has the sections in the given order', async () => {
    const organizer = service.as('organizer', ['admin'])
    const { concert } = await organizer.createConcert({
      requestId: randomUUID(),
      title: 'Gala',
      startTime,
      sections: [
        { name: 'Z', rows: 2, seatsPerRow: 2, price: 300n },
        { name: 'A', rows: 1, seatsPerRow: 11, price: 100n },
      ],
    })
    expect(concert).to.deep.include({ title: 'Gala', startTime, seatsTotal: 15, seatsAvailable: 15 })
    const { seats } = await organizer.listSeats({ concertId: concert?.concertId ?? '' })
    expect(seats.map(({ seat, price }) => `${seat}:${price}`).join(' ')).to.equal(
      'Z-1-1:300 Z-1-2:300 Z-2-1:300 Z-2-2:300 A-1-1:100 A-1-2:100 A-1-3:100 A-1-4:100 A-1-5:100 ' +
        'A-1-6:100 A-1-7:100 A-1-8:100 A-1-9:100 A-1-10:100 A-1-11:100',
    )
  })

  it('creates a concert once for each request id', async () => {
    const organizer = service.as('organizer', ['admin'])
    const request = {
      requestId: randomUUID(),
      title: 'Once',
      startTime,
      sections: [{ name: 'A', rows: 1, seatsPerRow: 1, price: 1n }],
    }
    const answers = await Promise.all([1, 2, 3].map(() => organizer.createConcert(request)))
    expect(new Set(answers.map(({ concert }) => concert?.concertId)).size).to.equal(1)
    const refusal = await refusalOf(organizer.createConcert({ ...request, title: 'Twice' }))
    expect(refusal).to.include({ code: Code.ALREADY_EXISTS, reason: 'REQUEST_ID_REUSED' })
  })

  it('refuses to create a concert for a caller who is no admin', async () => {
    const refusal = await refusalOf(
      service.as('alice').createConcert({
        requestId: randomUUID(),
        title: 'Mine',
        startTime,
        sections: [{ name: 'A', rows: 1, seatsPerRow: 1, price: 1n }],
      }),
    )
    expect(refusal).to.include({ code: Code.PERMISSION_DENIED, reason: 'ROLE_MISSING' })
  })

  it('refuses concerts that break a rule, and creates nothing', async () => {
    const organizer = service.as('organizer', ['admin'])
    const section = { name: 'A', rows: 1, seatsPerRow: 1, price: 1n }
    const good = { title: 'Bad', startTime, sections: [section] }
    const big = (name: string) => ({ ...section, name, rows: 100, seatsPerRow: 100 })
    const bad: [string, object][] = [
      ['title', { title: '' }],
      ['title', { title: 'x'.repeat(201) }],
      ['title', { title: 'a\0b' }],
      ['start_time', { startTime: undefined }],
      ['start_time', { startTime: { seconds: 10n ** 15n, nanos: 0 } }],
      ['sections', { sections: [] }],
      ['', { sections: [section, section] }],
      ['sections', { sections: [big('A'), big('B'), { ...section, name: 'C' }] }],
      ['sections[0].price', { sections: [{ ...section, price: 0n }] }],
      ['sections[0].price', { sections: [{ ...section, price: -1n }] }],
      ['sections[0].price', { sections: [{ ...section, price: 2n ** 62n }] }],
      ['sections[0].rows', { sections: [{ ...section, rows: 0 }] }],
      ['sections[0].name', { sections: [{ ...section, name: 'a' }] }],
    ]
    for (const [field, change] of bad) {
      const refusal = await refusalOf(
        organizer.createConcert({ requestId: randomUUID(), ...good, ...change }),
      )
      expect(refusal).to.include({ code: Code.INVALID_ARGUMENT, reason: 'FIELD_VIOLATION' })
      expect(refusal.fieldViolations[0]?.field).to.equal(field)
    }
    const { concerts } = await organizer.listConcerts({ pageSize: 200 })
    expect(concerts.filter(({ title }) => title === 'Bad' || title === '')).to.deep.equal([])
  })

  it('creates the largest hall, and counts its seats as they are held', async () => {
    const organizer = service.as('organizer', ['admin'])
    const section = { rows: 100, seatsPerRow: 100, price: 1n }
    const { concert } = await organizer.createConcert({
      requestId: randomUUID(),
      title: 'Stadium',
      startTime,
      sections: [
        { ...section, name: 'A' },
        { ...section, name: 'B' },
      ],
    })
    const concertId = concert?.concertId ?? ''
    const seats = ['A-1-1', 'B-100-100']
    await service.as('alice').holdSeats({ requestId: randomUUID(), concertId, seats })
    const { concerts } = await organizer.listConcerts({ pageSize: 1 })
    expect(concerts[0]).to.include({ concertId, seatsTotal: 20_000, seatsAvailable: 19_998 })
  })

  it('lists concerts newest first, page by page, each once', async () => {
    const created = []
    for (let nth = 0; nth < 5; nth++)
      created.unshift(await service.createConcert({ rows: 1, seatsPerRow: 1 }))
    const listed = []
    const visitor = service.as('visitor')
    let pageToken = ''
    do {
      const page = await visitor.listConcerts({ pageSize: 2, pageToken })
      expect(page.concerts.length).to.be.at.most(2)
      listed.push(...page.concerts.map(({ concertId }) => concertId))
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    expect(listed.slice(0, 5)).to.deep.equal(created)
    expect(new Set(listed).size).to.equal(listed.length)
  })

  it('lists seats page by page, each once', async () => {
    const concertId = await service.createConcert({ rows: 3, seatsPerRow: 5 })
    const visitor = service.as('visitor')
    const listed = []
    let pageToken = ''
    do {
      const page = await visitor.listSeats({ concertId, pageSize: 5, pageToken })
      listed.push(...page.seats.map(({ seat }) => seat))
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    const whole = await visitor.listSeats({ concertId })
    expect(listed).to.deep.equal(whole.seats.map(({ seat }) => seat))
  })

  it('refuses page tokens that it did not create for this caller and list', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 2 })
    const otherConcertId = await service.createConcert({ rows: 1, seatsPerRow: 2 })
    const alice = service.as('alice')
    const { nextPageToken } = await alice.listSeats({ concertId, pageSize: 1 })
    const calls = [
      alice.listSeats({ concertId, pageToken: 'garbage' }),
      alice.listConcerts({ pageToken: 'garbage' }),
      alice.listConcerts({ pageToken: nextPageToken }),
      alice.listSeats({ concertId: otherConcertId, pageToken: nextPageToken }),
      service.as('bob').listSeats({ concertId, pageToken: nextPageToken }),
    ]
    for (const call of calls) {
      expect(await refusalOf(call)).to.include({
        code: Code.INVALID_ARGUMENT,
        reason: 'PAGE_TOKEN_INVALID',
      })
    }
  })

  it('refuses to list the seats of a concert that does not exist', async () => {
    const refusal = await refusalOf(service.as('alice').listSeats({ concertId: randomUUID() }))
    expect(refusal).to.include({ code: Code.NOT_FOUND, reason: 'CONCERT_NOT_FOUND' })
  })
})
