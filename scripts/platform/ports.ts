import { randomInt } from 'node:crypto'
import { connect, createServer } from 'node:net'

const range = { first: 20_000, last: 31_999 } as const

/**
 * The next port to try. Each process takes ports in a row from a random start: two processes collide less than with
 * random ports.
 */
let next = randomInt(range.first, range.last + 1)

/**
 * Finds free ports on 127.0.0.1, below the range from which systems draw the ports of outgoing connections. So a port
 * that is free now stays free while a fault test keeps its owner down.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  for (let attempt = 0; ports.length < count; attempt++) {
    if (attempt > count + 1_000) throw new Error(`no free ports between ${range.first} and ${range.last}`)
    const port = next
    next = port === range.last ? range.first : port + 1
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
