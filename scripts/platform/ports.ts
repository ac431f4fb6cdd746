import { randomInt } from 'node:crypto'
import { connect, createServer } from 'node:net'

/** A share of the ports for one of several processes that run side by side: the `nth`, from 0, of `of` shares. */
export interface PortShare {
  readonly nth: number
  readonly of: number
}

/** The variable by which a process and its children learn their share. */
export function portShareEnv({ nth, of }: PortShare): NodeJS.ProcessEnv {
  return { BOXOFFICE_PORT_SHARE: `${nth}/${of}` }
}

/** The ports that this process may give out. */
export const portRange = rangeOf(process.env.BOXOFFICE_PORT_SHARE ?? '0/1')

function rangeOf(share: string): { readonly first: number; readonly last: number } {
  const [first, last] = [20_000, 31_999]
  const [nth = 0, of = 1] = share.split('/').map(Number)
  const size = Math.floor((last + 1 - first) / of)
  return { first: first + nth * size, last: first + (nth + 1) * size - 1 }
}

/**
 * The next port to try. Each process takes ports in a row from a random start: two processes without shares collide
 * less than with random ports.
 */
let next = randomInt(portRange.first, portRange.last + 1)

/**
 * Finds free ports on 127.0.0.1, below the range from which systems draw the ports of outgoing connections. So a port
 * that is free now stays free while a fault test keeps its owner down.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  for (let attempt = 0; ports.length < count; attempt++) {
    if (attempt > count + 1_000)
      throw new Error(`no free ports between ${portRange.first} and ${portRange.last}`)
    const port = next
    next = port === portRange.last ? portRange.first : port + 1
    if (await isPortFree(port)) ports.push(port)
  }
  return ports
}

/** Whether a server can listen on this port of 127.0.0.1 now. */
export async function isPortFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** Whether something accepts connections on this port of 127.0.0.1. */
export async function isListening(port: number, host = '127.0.0.1'): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ port, host })
    socket.setTimeout(1_000, () => socket.destroy())
    socket.once('connect', () => {
      resolve(true)
      socket.destroy()
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })
}
