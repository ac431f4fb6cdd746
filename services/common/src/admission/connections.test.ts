import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { expect } from 'chai'
import { type Connections, createConnections } from './connections.ts'

describe('connections', () => {
  let nowMs: number
  let refused: string[]
  let connections: Connections
  let nextPort: number
  beforeEach(() => {
    nowMs = 0
    nextPort = 1
    refused = []
    const limits = {
      perProcess: 4,
      perAddress: 3,
      perAddressPerSecond: 1,
      perAddressBurst: 20,
      idleMaxMs: 60_000,
      ageMaxMs: 600_000,
      ageGraceMs: 1_000,
      refusalsPerSecond: 1,
      refusalsBurst: 3,
    }
    connections = createConnections(
      limits,
      (bound) => refused.push(bound),
      () => nowMs,
    )
  })
  afterEach(() => connections.close())

  it('beyond the limit of one address are cut before anything is read from them', () => {
    const sockets = Array.from({ length: 5 }, () => open('10.0.0.1'))
    expect(sockets.map(({ destroyed }) => destroyed)).to.deep.equal([false, false, false, true, true])
    expect(refused).to.deep.equal(['connections_per_address', 'connections_per_address'])
    expect([connections.open, open('10.0.0.2').destroyed]).to.deep.equal([3, false])
  })

  it('beyond the limit of the process are cut, from whatever address', () => {
    for (const last of [1, 2, 3, 4]) open(`10.0.0.${last}`)
    expect(open('10.0.0.5').destroyed).to.equal(true)
    expect(refused).to.deep.equal(['connections_per_process'])
  })

  it('that were idle for a while make room, first those of the address with the most connections', () => {
    const alone = open('10.0.0.1')
    nowMs = 1
    const [first, second, third] = [open('10.0.0.2'), open('10.0.0.2'), open('10.0.0.2')]
    nowMs = 2_000
    const newcomer = open('10.0.0.3')
    expect([alone, first, second, third, newcomer].map((socket) => socket?.destroyed)).to.deep.equal([
      false,
      true,
      false,
      false,
      false,
    ])
  })

  it('that serve a call are not cut to make room', () => {
    const busy = open('10.0.0.1')
    const end = connections.beginCall('10.0.0.1', busy.remotePort)
    for (const last of [2, 3, 4]) connections.beginCall(`10.0.0.${last}`, open(`10.0.0.${last}`).remotePort)
    nowMs = 5_000
    expect(open('10.0.0.5').destroyed).to.equal(true)
    end()
    expect(open('10.0.0.5').destroyed).to.equal(true, 'it has only just become idle')
    nowMs = 7_000
    expect(open('10.0.0.5').destroyed).to.equal(false)
    expect(busy.destroyed).to.equal(true)
  })

  it('of all addresses of an IPv6 /64 count as those of one', () => {
    for (const last of [1, 2, 3]) open(`2001:db8::${last}`)
    expect(open('2001:db8::4').destroyed).to.equal(true)
    expect(open('2001:db8:0:1::4').destroyed).to.equal(false)
  })

  it('with too many refused calls are cut, and no others', () => {
    const [flooding, other] = [open('10.0.0.1'), open('10.0.0.1')]
    const refuse = () => connections.refuseCall('10.0.0.1', flooding.remotePort, true)
    for (let nth = 0; nth < 3; nth++) refuse()
    nowMs = 1_000
    refuse()
    connections.refuseCall('10.0.0.1', other.remotePort, true)
    expect([flooding.destroyed, other.destroyed]).to.deep.equal([false, false])
    refuse()
    expect([flooding.destroyed, other.destroyed]).to.deep.equal([true, false])
    expect(connections.isCut('10.0.0.1', flooding.remotePort)).to.equal(true)
    expect(connections.isCut('10.0.0.1', other.remotePort)).to.equal(false)
    expect(refused).to.deep.equal(['refusals_per_connection'])
    refuse()
  })

  it('are cut after a tenth of the refused calls if these have no token', () => {
    const stranger = open('10.0.0.1')
    connections.refuseCall('10.0.0.1', stranger.remotePort, false)
    connections.refuseCall('10.0.0.1', stranger.remotePort, false)
    expect(stranger.destroyed).to.equal(true)
  })

  it('that one address opens too fast are cut, and those of no other address', () => {
    const openShortly = (address: string): boolean => {
      const socket = open(address)
      const wasCut = socket.destroyed
      socket.destroy()
      return !wasCut
    }
    const admitted = Array.from({ length: 25 }, () => openShortly('10.0.0.1'))
    expect(admitted.filter(Boolean)).to.have.lengthOf(20)
    expect(new Set(refused)).to.deep.equal(new Set(['connection_rate_per_address']))
    expect(openShortly('10.0.0.2')).to.equal(true)
    nowMs = 1_000
    expect([openShortly('10.0.0.1'), openShortly('10.0.0.1')]).to.deep.equal([true, false])
  })

  it('that were cut for their refused calls have to wait longer each time', () => {
    for (let nth = 0; nth < 2; nth++) {
      const flooding = open('10.0.0.1')
      for (let call = 0; call < 4; call++) connections.refuseCall('10.0.0.1', flooding.remotePort, true)
    }
    expect(open('10.0.0.1').destroyed).to.equal(true)
    nowMs = 3_000
    expect(open('10.0.0.1').destroyed).to.equal(false)
  })

  it('are forgotten when they close', () => {
    const sockets = Array.from({ length: 3 }, () => open('10.0.0.1'))
    for (const socket of sockets) socket.destroy()
    expect(connections.open).to.equal(0)
    expect(open('10.0.0.1').destroyed).to.equal(false)
  })

  function open(address: string): Socket {
    const socket = Object.assign(new EventEmitter(), {
      remoteAddress: address,
      remotePort: nextPort++,
      destroyed: false,
      destroy() {
        socket.destroyed = true
        socket.emit('close')
      },
    })
    connections.admit(socket as unknown as Socket)
    return socket as unknown as Socket
  }
})
