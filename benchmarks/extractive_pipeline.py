"""Answer questions with the question-answering pipeline of transformers 4.57.

Runs in an environment of its own, which has that version and nothing of this project. Reads a
JSON object from stdin: the model's folder, the questions as [question, context] pairs, the
pipeline's settings, how many questions to warm up with. Writes answers and seconds to stdout.
"""

import json
import sys
import time

import torch
import transformers


def main() -> None:
    """Answer and time."""
    job = json.load(sys.stdin)
    torch.set_num_threads(job["threads"])
    transformers.logging.set_verbosity_error()
    answer = transformers.pipeline("question-answering", job["model"], dtype=torch.float32)
    for question, context in job["questions"][: job["warm"]]:
        answer(question=question, context=context, **job["settings"])
    answers = []
    begin = time.perf_counter()
    for question, context in job["questions"]:
        prediction = answer(question=question, context=context, **job["settings"])
        answers.append(
            [prediction["answer"], prediction["start"], prediction["end"], prediction["score"]]
        )
    seconds = time.perf_counter() - begin
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    attention = answer.model.config._attn_implementation
    json.dump(
        {"answers": answers, "seconds": seconds, "versions": versions, "attention": attention},
        sys.stdout,
    )


if __name__ == "__main__":
    main()
