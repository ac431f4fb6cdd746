import { useEffect, useState } from 'preact/hooks'

/** Whether the page shows the present state. */
export type Connection = 'connecting' | 'live' | 'lost'

let current: Connection = 'connecting'
const listeners = new Set<(connection: Connection) => void>()

export function setConnection(next: Connection): void {
  current = next
  for (const listener of listeners) listener(next)
}

/** Clears the state `lost` when the page no longer follows the stream. */
export function leaveConnection(): void {
  if (current === 'lost') setConnection('connecting')
}

export function useConnection(): Connection {
  const [connection, set] = useState(current)
  useEffect(() => {
    set(current)
    listeners.add(set)
    return () => void listeners.delete(set)
  }, [])
  return connection
}
