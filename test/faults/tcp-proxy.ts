import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts, isListening } from '../../scripts/platform/ports.ts'

export type Direction = 'to-server' | 'to-client'

interface Link {
  readonly client: Socket
  readonly server: Socket
  /** Whether the server's answers are no longer passed on. */
  mute: boolean
}

/**
 * A TCP proxy between one client and one server of the system under test. It does to their connections what networks
 * do: it cuts and delays them, swallows data in one direction or both, and loses answers.
 */
export class TcpProxy {
  readonly port: number
  readonly #targetPort: number
  #listener: Server | undefined
  #closed = false
  readonly #links = new Set<Link>()
  readonly #gates = new Map<Direction, PromiseWithResolvers<void>>()
  #delayMs = 0
  #cutAfter: RegExp | undefined

  private constructor(targetPort: number, port: number) {
    this.port = port
    this.#targetPort = targetPort
  }

  /**
   * Listens on a free port of 127.0.0.1 and passes everything on to `targetPort`, where no server needs to listen yet.
   */
  static async start(targetPort: number): Promise<TcpProxy> {
    const [port = 0] = await freePorts(1)
    const proxy = new TcpProxy(targetPort, port)
    await proxy.#listen()
    return proxy
  }

  /** Breaks every connection; new ones are passed on. */
  cut(): void {
    for (const link of this.#links) breakLink(link)
  }

  /** Delays everything by `ms`. */
  delay(ms: number): void {
    this.#delayMs = ms
  }

  /**
   * Holds back what is sent in these directions, like a network that drops packets: after the healing it arrives after
   * all.
   */
  hold(...directions: readonly Direction[]): void {
    for (const direction of directions) {
      if (!this.#gates.has(direction)) this.#gates.set(direction, Promise.withResolvers<void>())
    }
  }

  /** Passes the next request that matches on to the server, and breaks the connection before the answer gets back. */
  loseAnswerTo(request: RegExp): void {
    this.#cutAfter = request
  }

  heal(): void {
    this.#delayMs = 0
    this.#cutAfter = undefined
    for (const gate of this.#gates.values()) gate.resolve()
    this.#gates.clear()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.heal()
    this.#listener?.close()
    this.cut()
  }

  async #listen(): Promise<void> {
    const listener = createServer({ noDelay: true }, (client) => this.#accept(client))
    this.#listener = listener
    listener.listen(this.port, '127.0.0.1')
    await once(listener, 'listening')
    if (this.#closed) listener.close()
  }

  #accept(client: Socket): void {
    const server = connect({ port: this.#targetPort, host: '127.0.0.1', noDelay: true })
    const link: Link = { client, server, mute: false }
    this.#links.add(link)
    // When one side breaks, the pumps break the other side.
    client.on('error', () => {})
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') void this.#refuseUntilBack()
    })
    void Promise.all([
      this.#pump(link, client, server, 'to-server'),
      this.#pump(link, server, client, 'to-client'),
    ]).then(() => this.#links.delete(link))
  }

  async #pump(link: Link, from: Socket, to: Socket, direction: Direction): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        await this.#gates.get(direction)?.promise
        if (this.#delayMs > 0) await sleep(this.#delayMs)
        if (direction === 'to-client' && link.mute) continue
        if (direction === 'to-server' && this.#isToBeLost(chunk)) this.#loseAnswer(link)
        if (!to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')])
      }
      to.end()
    } catch {
      breakLink(link)
    }
  }

  /** A server that is down refuses connections, and so does its proxy until the server listens again. */
  async #refuseUntilBack(): Promise<void> {
    const listener = this.#listener
    if (listener === undefined || this.#closed) return
    this.#listener = undefined
    listener.close()
    while (!this.#closed && !(await isListening(this.#targetPort))) await sleep(probeMs)
    if (!this.#closed) await this.#listen()
  }

  #isToBeLost(request: Buffer): boolean {
    return this.#cutAfter?.test(request.toString('latin1')) ?? false
  }

  #loseAnswer(link: Link): void {
    this.#cutAfter = undefined
    link.mute = true
    setTimeout(() => breakLink(link), answerTimeMs)
  }
}

const probeMs = 100
/** Enough time for the server to execute the request. */
const answerTimeMs = 100

function breakLink({ client, server }: Link): void {
  client.destroy()
  server.destroy()
}
