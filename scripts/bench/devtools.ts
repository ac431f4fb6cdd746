/** A connection to a process's inspector, in the Chrome DevTools protocol. */
export interface Devtools {
  /** @throws when the process refuses the command, or does not answer in time */
  send(method: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>
  close(): void
}

interface Answer {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

const answerTimeoutMs = 60_000

export async function openDevtools(url: string): Promise<Devtools> {
  const socket = new WebSocket(url)
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true })
    socket.addEventListener('error', () => reject(new Error(`${url} does not accept a connection`)), {
      once: true,
    })
  })
  const waiting = new Map<number, (answer: Answer) => void>()
  socket.addEventListener('message', ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer
    if (answer.id === undefined) return
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  let lastId = 0
  return {
    async send(method, params = {}) {
      const id = ++lastId
      const answered = new Promise<Answer>((resolve, reject) => {
        const late = (): void => reject(new Error(`${method} was not answered in ${answerTimeoutMs} ms`))
        const timer = setTimeout(late, answerTimeoutMs)
        waiting.set(id, (answer) => {
          clearTimeout(timer)
          resolve(answer)
        })
      })
      socket.send(JSON.stringify({ id, method, params }))
      const { result, error } = await answered
      if (error) throw new Error(`${method}: ${error.message}`)
      return result
    },
    close: () => socket.close(),
  }
}
