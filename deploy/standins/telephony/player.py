"""Plays TwiML on an answered call: speaks, listens for keys, follows actions and redirects."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

from deploy.standins.telephony.forms import call_form
from deploy.standins.telephony.provider import Provider
from deploy.standins.telephony.racing import race
from deploy.standins.telephony.records import Call, Voice
from deploy.standins.telephony.twiml import (
    BadTwiml,
    Gather,
    Hangup,
    Pause,
    Redirect,
    Say,
    Unknown,
    Verb,
    parse_twiml,
)

_WORDS_PER_SECOND = 2.5
_MOST_DOCUMENTS = 100


class Player:
    """One call's way through its documents."""

    def __init__(self, provider: Provider, call: Call, keys: Iterable[str]) -> None:
        self._provider, self._call = provider, call
        self._script = deque(keys)

    async def play(self) -> None:
        """Play until nothing is left to play; the caller ends the call."""
        order = self._call.order
        url, verbs = order.url, await self._fetch(_Next(order.url, order.method, {}))
        for _ in range(_MOST_DOCUMENTS):
            following = await self._play_document(verbs, url)
            if following is None:
                return
            url, verbs = following.url, await self._fetch(following)
        self._call.say(Voice.NOTE, "Twilio ends a call after too many documents.")

    async def _play_document(self, verbs: tuple[Verb, ...], url: str) -> "_Next | None":
        for verb in verbs:
            match verb:
                case Say() | Pause():
                    await self._prompt(verb)
                case Gather():
                    if following := await self._gather(verb, url):
                        return following
                case Redirect():
                    return _Next(urljoin(url, verb.url), verb.method, {})
                case Hangup():
                    return None
                case Unknown():
                    self._call.say(Voice.NOTE, f"Twilio warns 12200: <{verb.name}> is not played.")
        return None

    async def _prompt(self, prompt: Say | Pause) -> None:
        if isinstance(prompt, Pause):
            await self._provider.let_pass(prompt.seconds)
            return
        self._call.say(Voice.HOSPITAL, prompt.text)
        await self._provider.let_pass(len(prompt.text.split()) / _WORDS_PER_SECOND)

    async def _gather(self, gather: Gather, url: str) -> "_Next | None":
        self._open_keypad()
        digits, finished_on = await self._digits(gather)
        self._call.listening = False
        if not digits and not gather.action_on_empty:
            return None
        form = {"Digits": digits, "msg": "Gather End"}
        if finished_on:
            form["FinishedOnKey"] = finished_on
        return _Next(urljoin(url, gather.action) if gather.action else url, gather.method, form)

    def _open_keypad(self) -> None:
        keys = self._call.handset.keys
        while not keys.empty():  # keys pressed while nobody listened are lost, as on the phone
            keys.get_nowait()
        self._call.listening = True
        if self._script:
            for key in self._script.popleft():
                keys.put_nowait(key)

    async def _digits(self, gather: Gather) -> tuple[str, str]:
        digits = ""
        key = await self._first_key(gather)
        while key is not None:
            self._call.say(Voice.PHONE, f"presses {key}")
            if key == gather.finish_on:
                return digits, key
            digits += key
            if len(digits) == gather.digits:
                break
            key = await self._next_key(gather.timeout_seconds)
        return digits, ""

    async def _first_key(self, gather: Gather) -> str | None:
        key, prompts = await race(self._call.handset.keys.get(), self._prompts(gather))
        if not prompts.cancelled():
            prompts.result()
        return None if key.cancelled() else key.result()

    async def _prompts(self, gather: Gather) -> None:
        for prompt in gather.prompts:
            await self._prompt(prompt)
        await self._provider.let_pass(gather.timeout_seconds)

    async def _next_key(self, seconds: float) -> str | None:
        try:
            async with asyncio.timeout(seconds * self._provider.settings.pace):
                return await self._call.handset.keys.get()
        except TimeoutError:
            return None

    async def _fetch(self, document: "_Next") -> tuple[Verb, ...]:
        fallback = self._call.order.fallback_url
        for url in (document.url, fallback) if fallback else (document.url,):
            try:
                return parse_twiml(await self._text_of(url, document))
            except (httpx.HTTPError, BadTwiml) as error:
                self._log(document, answer=f"{type(error).__name__}: {error}", good=False)
        self._call.say(Voice.HOSPITAL, "An application error has occurred. Goodbye.")
        return (Hangup(),)

    async def _text_of(self, url: str, document: "_Next") -> str:
        if not url:
            return self._call.order.twiml
        form = call_form(self._provider, self._call) | document.form
        response = await self._provider.webhooks.fetch(url, form, method=document.method)
        response.raise_for_status()
        self._log(document, answer=str(response.status_code), good=True)
        return response.text

    def _log(self, document: "_Next", *, answer: str, good: bool) -> None:
        digits = document.form.get("Digits")
        self._provider.webhooks.log(
            kind="twiml",
            phone=self._call.to,
            status="document" if digits is None else f"digits {digits}",
            answer=answer,
            good=good,
        )


@dataclass(frozen=True)
class _Next:
    """The document to play next."""

    url: str
    method: str
    form: dict[str, str]
