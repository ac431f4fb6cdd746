import {
  ConcertSchema,
  SeatSchema,
  SeatStatus,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { create } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { seatMap } from './seat-map.ts'

describe('seatMap', () => {
  const concert = create(ConcertSchema, {
    title: 'A concert',
    sections: [{ name: 'A', rows: 2, seatsPerRow: 10, price: 100n }],
  })
  const seats = Array.from({ length: 20 }, (_, index) =>
    create(SeatSchema, {
      seat: `A-${index < 10 ? 1 : 2}-${(index % 10) + 1}`,
      status: [SeatStatus.SOLD, SeatStatus.HELD][index] ?? SeatStatus.AVAILABLE,
    }),
  )
  const plain = (_: unknown, text: string): string => text

  it('distinguishes sold, held and available seats without colour', () => {
    expect(seatMap(concert, seats, 80, plain)).to.equal(
      [
        'A concert',
        '· available 18   h held 1   X sold 1',
        '',
        'Section A  100 points a seat',
        '            1       5         10',
        '       A-1- X h · · · · · · · ·',
        '       A-2- · · · · · · · · · ·',
      ].join('\n'),
    )
  })

  it('is narrower on a narrow terminal', () => {
    expect(seatMap(concert, seats, 24, plain).split('\n').slice(-2)).to.deep.equal([
      '       A-1- Xh········',
      '       A-2- ··········',
    ])
  })
})
