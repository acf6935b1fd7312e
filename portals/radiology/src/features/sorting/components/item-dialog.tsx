import type { ModalProps } from '@mantine/core';
import { Modal } from '@mantine/core';
import { useDidUpdate } from '@mantine/hooks';
import { useRef } from 'react';

/**
 * A dialog about an item of a list. While it is open, somebody else may deal with the item, whose buttons do nothing
 * any more: then the item itself takes the focus when the dialog is closed.
 */
export function ItemDialog(props: ModalProps) {
  const here = useRef<HTMLSpanElement>(null);
  useDidUpdate(() => {
    if (!props.opened) here.current?.closest('[inert]')?.closest<HTMLElement>('[data-item]')?.focus();
  }, [props.opened]);
  return (
    <>
      <span ref={here} hidden />
      <Modal {...props} />
    </>
  );
}
