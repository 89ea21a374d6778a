import { useEffect, useRef, useState } from 'preact/hooks';

/** A button for something that cannot be undone: it asks before it acts. */
export function ConfirmButton({
  label,
  name,
  question,
  onConfirm,
}: {
  label: string;
  /** what the action applies to, for screen readers */
  name: string;
  question: string;
  onConfirm: () => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
  }, [isOpen]);
  const close = (): void => {
    dialog.current?.close();
  };
  return (
    <>
      <button
        type="button"
        class="danger"
        onClick={() => {
          setOpen(true);
        }}
      >
        {label}
        <span class="visually-hidden"> {name}</span>
      </button>
      {isOpen && (
        <dialog
          ref={dialog}
          class="card confirm"
          aria-label={question}
          onClose={() => {
            setOpen(false);
          }}
        >
          <p>
            <strong>{question}</strong>
          </p>
          <p class="quiet">{name}. This cannot be undone.</p>
          <div class="row">
            <button type="button" onClick={close}>
              Cancel
            </button>
            <button
              type="button"
              class="danger"
              onClick={() => {
                close();
                onConfirm();
              }}
            >
              {label}
            </button>
          </div>
        </dialog>
      )}
    </>
  );
}
