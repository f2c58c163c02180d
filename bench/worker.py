"""A worker of the benchmark for the published Python client: the commands of worker.ts, over the same channel."""

import asyncio
import json
import os
import resource
import sys
import time

PLACE = json.loads(sys.argv[1])["place"]


class Worker:
    def __init__(self):
        self._codex = None
        self._thread = None

    async def answer(self, command, params):
        if command == "cold":
            return await self._cold()
        if command == "turns":
            return await self._turns(params["uncounted"], params["count"])
        if command == "threads":
            return await self._threads(params["count"])
        if command == "close":
            return await self._close()
        raise ValueError(f"The worker of the Python client does not support the command {command}.")

    async def _cold(self):
        started = time.perf_counter()
        await self._turn(await self._new_thread())
        return since(started)

    async def _turns(self, uncounted, count):
        if uncounted > 0 or self._thread is None:
            self._thread = await self._new_thread()
        for _ in range(uncounted):
            await self._turn(self._thread)
        return [await self._turn(self._thread) for _ in range(count)]

    async def _threads(self, count):
        await self._turn(await self._new_thread())
        started = time.perf_counter()

        async def one():
            sample = await self._turn(await self._new_thread())
            return sample["endMs"]

        turns = await asyncio.gather(*(one() for _ in range(count)))
        return {"durationMs": since(started), "turnsMs": turns}

    async def _close(self):
        if self._codex is not None:
            await self._codex.close()

    async def _new_thread(self):
        # The import counts, as for the other clients.
        from openai_codex import AsyncCodex, CodexConfig

        if self._codex is None:
            self._codex = AsyncCodex(
                CodexConfig(
                    codex_bin=PLACE["codexPath"],
                    config_overrides=tuple(overrides(PLACE["settings"])),
                    env={**PLACE["environment"], "CODEX_HOME": PLACE["codexHome"]},
                )
            )
        return await self._codex.thread_start(cwd=PLACE["workingDirectory"])

    async def _turn(self, thread):
        sample = {"firstEventMs": None, "firstTextMs": None}
        text = ""
        cpu = processor_ms()
        started = time.perf_counter()
        turn = await thread.turn("Say three words")
        async for event in turn.stream():
            if sample["firstEventMs"] is None:
                sample["firstEventMs"] = since(started)
            if event.method == "item/agentMessage/delta" and sample["firstTextMs"] is None:
                sample["firstTextMs"] = since(started)
            if event.method == "item/completed":
                item = getattr(event.payload.item, "root", event.payload.item)
                text = getattr(item, "text", text) or text
        sample["endMs"] = since(started)
        sample["cpuMs"] = processor_ms() - cpu
        if not text.startswith("word 0 word 1 word 2"):
            raise ValueError(f"Unexpected answer: {text}")
        return sample


def since(started):
    return (time.perf_counter() - started) * 1000


def processor_ms():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1000


def overrides(settings, parent=""):
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from overrides(value, f"{parent}{name}.")
        else:
            yield f"{parent}{name}={json.dumps(value)}"


async def main():
    channel = int(os.environ["NODE_CHANNEL_FD"])
    # codex inherits the environment, but must not get the channel.
    del os.environ["NODE_CHANNEL_FD"]
    os.set_inheritable(channel, False)
    worker = Worker()
    with os.fdopen(channel, "r+b", buffering=0) as stream:
        while line := await asyncio.to_thread(stream.readline):
            request = json.loads(line)
            try:
                reply = {"result": await worker.answer(request["command"], request["params"])}
            except Exception as error:  # pylint: disable=broad-except -- the other side reports it
                reply = {"error": repr(error)}
            stream.write((json.dumps(reply) + "\n").encode())


asyncio.run(main())
