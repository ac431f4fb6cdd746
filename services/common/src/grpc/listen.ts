import { type AddressInfo, createServer, type Server as NetServer } from 'node:net'
import type { Server, ServerCredentials } from '@grpc/grpc-js'
import type { Connections } from '../admission/connections.ts'

/**
 * Accepts connections for a gRPC server, and passes on those that are admitted. By itself grpc-js accepts any number,
 * and with TLS it begins a handshake with each.
 *
 * @param address - `host:port`; port 0 means any free port
 * @returns the bound address and the function that stops accepting
 */
export async function listen(
  server: Server,
  credentials: ServerCredentials,
  address: string,
  connections: Connections | undefined,
): Promise<{ readonly address: string; stop(): void }> {
  const injector = server.createConnectionInjector(credentials)
  const acceptor = createServer({ noDelay: true, pauseOnConnect: false }, (socket) => {
    // Until a session listens: the peer may reset the connection before.
    socket.on('error', () => undefined)
    if (connections?.admit(socket) ?? true) injector.injectConnection(socket)
  })
  const separator = address.lastIndexOf(':')
  const host = address.slice(0, separator)
  await bound(acceptor, host.replace(/^\[|\]$/g, ''), Number(address.slice(separator + 1)))
  const { port } = acceptor.address() as AddressInfo
  return { address: `${host}:${port}`, stop: () => void acceptor.close() }
}

function bound(acceptor: NetServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    acceptor.once('error', reject)
    acceptor.listen({ host, port, backlog: backlogMax }, () => {
      acceptor.off('error', reject)
      resolve()
    })
  })
}

const backlogMax = 511
