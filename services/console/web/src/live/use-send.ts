import { useState } from 'preact/hooks'
import { post } from './api.ts'
import { keepRequestIds, type Send } from './keep-request-ids.ts'

/** Asks for changes; a try after an answer that was lost goes under the same request id as long as the screen is open. */
export function useSend(): Send {
  const [kept] = useState(() => ({ send: keepRequestIds(post) }))
  return kept.send
}
