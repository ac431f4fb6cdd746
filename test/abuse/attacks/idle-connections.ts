import { readFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import type { Attack, Target } from '../attack.ts'
import { untilOver } from '../callers.ts'
import { answerOf } from '../tally.ts'

const connections = 2_000
const handshakesAtOnce = 50

/** A client that connects, completes the handshake, and sends nothing more. */
export const idleConnections: Attack = {
  name: 'idle-connections',
  tries: `${connections} connections that send nothing`,
  async run(target, tally, over) {
    const sockets = new Set<Socket>()
    let connecting = 0
    const ca = target.caFile === undefined ? undefined : readFileSync(target.caFile)
    for (let nth = 0; nth < connections && !over.aborted; nth++) {
      while (connecting >= handshakesAtOnce && !over.aborted) await sleep(5)
      connecting += 1
      const socket = open(target, ca)
      sockets.add(socket)
      let counted = false
      const answer = (name: string): void => {
        if (counted) return
        counted = true
        connecting -= 1
        tally.answer(name)
      }
      socket.once(ca === undefined ? 'connect' : 'secureConnect', () => answer('connected'))
      socket.on('error', (error) => answer(answerOf(error)))
      socket.once('close', () => answer('closed'))
    }
    await untilOver(over)
    for (const socket of sockets) socket.destroy()
  },
}

function open({ services }: Target, ca: Buffer | undefined): Socket {
  const [host = '', port = ''] = services.payment.split(':')
  const place = { host, port: Number(port) }
  return ca === undefined
    ? connectTcp(place)
    : connectTls({ ...place, ca, servername: host, ALPNProtocols: ['h2'] })
}
