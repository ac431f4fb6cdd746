import { useState } from 'preact/hooks'
import { post } from './api.ts'
import { keepRequestIds, type Send } from './keep-request-ids.ts'

/** Posts changes. While the screen is open, a retry after a lost answer has the same request id. */
export function useSend(): Send {
  const [kept] = useState(() => ({ send: keepRequestIds(post) }))
  return kept.send
}
