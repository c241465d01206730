"""What a plain loop over transformers' `generate` makes of the prompts of `generate.py`.

A prompt at a time, on the model as transformers loads it. Run by it: the job on stdin, the result
on stdout.
"""

import json
import sys
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

job = json.load(sys.stdin)
torch.set_num_threads(job["threads"])
source = {"pretrained_model_name_or_path": job["folder"], "gguf_file": job["gguf"]}
tokenizer = AutoTokenizer.from_pretrained(**source)
model = AutoModelForCausalLM.from_pretrained(**source, dtype=getattr(torch, job["dtype"]))
model.eval()
texts, tokens = [], 0
begin = time.perf_counter()
for prompt in job["prompts"]:
    inputs = tokenizer(prompt, add_special_tokens=False, return_tensors="pt")
    with torch.inference_mode():
        output = model.generate(**inputs, do_sample=False, max_new_tokens=job["limit"])
    reply = output[0, inputs["input_ids"].shape[1] :]
    tokens += int((reply != tokenizer.eos_token_id).sum())
    texts.append(tokenizer.decode(reply, skip_special_tokens=True))
print(json.dumps({"texts": texts, "tokens": tokens, "run": time.perf_counter() - begin}))
