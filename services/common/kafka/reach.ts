import { connect } from 'node:net'

/** The time that a broker may take to accept a connection. */
const timeoutMs = 3_000

/** Opens a TCP connection and closes it. @returns the failure, or undefined if there is none */
export async function reach(host: string, port: number): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (failure: string | undefined): void => {
      socket.destroy()
      resolve(failure)
    }
    socket.setTimeout(timeoutMs, () => end(`no answer within ${timeoutMs / 1000} s`))
    socket.once('connect', () => end(undefined))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(error.message || (error.code ?? 'no connection')),
    )
  })
}

/** The same for `host:port`, or `[address]:port`. */
export async function reachBroker(broker: string): Promise<string | undefined> {
  const colon = broker.lastIndexOf(':')
  return await reach(broker.slice(0, colon).replace(/^\[|\]$/g, ''), Number(broker.slice(colon + 1)))
}
