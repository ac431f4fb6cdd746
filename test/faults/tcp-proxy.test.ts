import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { waitUntil } from '../support/wait-until.ts'
import { TcpProxy } from './tcp-proxy.ts'

describe('the TCP proxy between a client and a server', () => {
  let server: Server
  let heard: string
  let proxy: TcpProxy
  beforeEach(async () => {
    heard = ''
    server = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        heard += chunk
        socket.write(`echo ${chunk}`)
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    proxy = await TcpProxy.start((server.address() as AddressInfo).port)
  })
  afterEach(async () => {
    await proxy.close()
    server.close()
  })

  it('passes everything on', async () => {
    const { socket, text } = await call()
    socket.write('hello')
    await waitUntil('the echo', async () => text() === 'echo hello')
  })

  it('breaks connections, and accepts new ones', async () => {
    const { socket } = await call()
    proxy.cut()
    await once(socket, 'close')
    const again = await call()
    again.socket.write('again')
    await waitUntil('the echo', async () => again.text() === 'echo again')
  })

  it('holds one direction back until it is healed', async () => {
    proxy.hold('to-client')
    const { socket, text } = await call()
    socket.write('hello')
    await waitUntil('the server has it', async () => heard === 'hello')
    await sleep(50)
    expect(text()).to.equal('')
    proxy.heal()
    await waitUntil('the echo', async () => text() === 'echo hello')
  })

  it('refuses connections while the server is down, and accepts them again when it is back', async () => {
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const refused = async () =>
      await new Promise<boolean>((resolve) => {
        const socket = connect({ port: proxy.port, host: '127.0.0.1' })
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
        socket.on('connect', () => {
          socket.destroy()
          resolve(false)
        })
      })
    await waitUntil('a refusal', refused)
    server.listen(port, '127.0.0.1')
    await waitUntil('a connection', async () => !(await refused()))
  })

  it('loses the answer to a request that the server has received', async () => {
    proxy.loseAnswerTo(/commit/i)
    const { socket, text } = await call()
    socket.write('COMMIT')
    await once(socket, 'close')
    expect({ heard, text: text() }).to.deep.equal({ heard: 'COMMIT', text: '' })
  })

  async function call(): Promise<{ socket: Socket; text: () => string }> {
    const socket = connect({ port: proxy.port, host: '127.0.0.1' })
    let text = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      text += chunk
    })
    await once(socket, 'connect')
    return { socket, text: () => text }
  }
})
