import { expect } from 'chai'
import { decodeReplicationMessage, encodeStandbyStatus } from './replication-messages.ts'

describe('replication messages', () => {
  it('claim exactly the confirmed position, three times', () => {
    const message = encodeStandbyStatus(0x1_0000_0002n, new Date(Date.UTC(2000, 0, 1, 0, 0, 1)), false)
    expect(message.toString('hex')).to.equal(
      `72${'0000000100000002'.repeat(3)}${(1_000_000).toString(16).padStart(16, '0')}00`,
    )
  })

  it('ask for a reply by their last byte', () => {
    const [silent, asking] = [false, true].map((asks) => encodeStandbyStatus(1n, new Date(0), asks))
    expect([silent?.[33], asking?.[33]]).to.deep.equal([0, 1])
    expect(asking?.subarray(0, 33)).to.deep.equal(silent?.subarray(0, 33))
  })

  it('are keepalives with the position the server has sent, and perhaps a question', () => {
    const chunk = Buffer.from(`6b${'0000000100000002'}${'00'.repeat(8)}01`, 'hex')
    expect(decodeReplicationMessage(chunk)).to.deep.equal({
      kind: 'keepalive',
      walEnd: 0x1_0000_0002n,
      replyRequested: true,
    })
  })

  it('are data, whose body follows three positions', () => {
    const chunk = Buffer.concat([Buffer.from('w'), Buffer.alloc(24), Buffer.from('body')])
    expect(decodeReplicationMessage(chunk)).to.deep.equal({ kind: 'data', body: Buffer.from('body') })
  })
})
