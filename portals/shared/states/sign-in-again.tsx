import { Button, Modal, Stack, Text } from '@mantine/core';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { session } from '../http/session';

const SIGN_IN = '/auth/login?returnTo=%2Fsigned-in';

/** Nobody need be here any more whom the patient on the page concerns. */
const HIDING = { backgroundOpacity: 1, color: 'var(--mantine-color-body)' };

/** Lies over the page when the session has ended. The page behind it stays as it was, with all its text, but is not seen. */
export function SignInAgain() {
  const isExpired = useSyncExternalStore(session.subscribe, session.isExpired);
  const [isWaiting, setWaiting] = useState(false);

  useEffect(() => {
    if (!isExpired || !isWaiting) return;
    const check = () => void session.check();
    const timer = setInterval(check, 1500);
    window.addEventListener('focus', check);
    return () => {
      clearInterval(timer);
      window.removeEventListener('focus', check);
    };
  }, [isExpired, isWaiting]);

  const signIn = () => {
    setWaiting(true);
    window.open(SIGN_IN, 'radiology-sign-in', 'popup,width=520,height=680');
  };

  return (
    <Modal opened={isExpired} onClose={() => undefined} withCloseButton={false} closeOnEscape={false} closeOnClickOutside={false} title="Please sign in again" size="sm" overlayProps={HIDING}>
      <Stack gap="md">
        <Text size="sm">Your session has ended. Nothing that you typed is lost: sign in and go on where you were.</Text>
        <Button onClick={signIn} data-autofocus>
          Sign in
        </Button>
        {isWaiting && (
          <Text size="sm" c="var(--text-dim)" role="status">
            Waiting for the sign-in window…
          </Text>
        )}
      </Stack>
    </Modal>
  );
}
