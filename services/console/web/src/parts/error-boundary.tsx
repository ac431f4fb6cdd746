import { Component, type ComponentChildren } from 'preact'
import { textOf } from '../live/api.ts'

interface Props {
  /** What is shown: an error counts until that is something else. */
  readonly of: string
  readonly children: ComponentChildren
}

interface State {
  readonly failure?: { readonly of: string; readonly error: unknown }
}

/** Shows what is in it; where that cannot be drawn, says so. */
export class ErrorBoundary extends Component<Props, State> {
  override componentDidCatch(error: unknown): void {
    // For who looks into it: the page has nowhere else to write.
    console.error(error)
    this.setState({ failure: { of: this.props.of, error } })
  }

  override render({ of, children }: Props, { failure }: State) {
    if (failure?.of !== of) return children
    return (
      <p class="state problem" role="alert">
        This cannot be shown, through a fault of the page: {textOf(failure.error)}
        <button type="button" onClick={() => location.reload()}>
          Reload the page
        </button>
      </p>
    )
  }
}
