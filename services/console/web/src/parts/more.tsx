import { useState } from 'preact/hooks'
import { textOf } from '../live/api.ts'
import { Problem } from './states.tsx'

/** The button below a list that reads more of it, with the reason if that fails. */
export function More({ text = 'More', read }: { readonly text?: string; read(): Promise<void> }) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const ask = (): void => {
    setBusy(true)
    setProblem(undefined)
    read()
      .catch((error) => setProblem(textOf(error)))
      .finally(() => setBusy(false))
  }
  return (
    <>
      <button type="button" disabled={busy} onClick={ask}>
        {text}
      </button>
      {problem !== undefined && <Problem text={`More cannot be shown: ${problem}`} />}
    </>
  )
}
