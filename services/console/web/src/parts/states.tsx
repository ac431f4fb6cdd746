import type { ComponentChildren } from 'preact'
import type { Data } from '../live/use-data.ts'

/** Shows data, or that it is being read, or why it cannot be shown. */
export function Loaded<Answer>({
  data,
  what,
  children,
}: {
  readonly data: Data<Answer>
  readonly what: string
  readonly children: (answer: Answer) => ComponentChildren
}) {
  return (
    <>
      {data.error !== undefined && (
        <Problem text={`${what} cannot be shown: ${data.error}`} retry={data.reload} />
      )}
      {data.data !== undefined ? children(data.data) : data.error === undefined && <Loading what={what} />}
    </>
  )
}

export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="state" role="status">
      <span class="spinner" aria-hidden="true" /> Reading {what.toLowerCase()} …
    </p>
  )
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="state empty">{children}</p>
}

export function Problem({ text, retry }: { readonly text: string; readonly retry?: () => void }) {
  return (
    <p class="state problem" role="alert">
      {text}
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </p>
  )
}
