from pathlib import Path

from grpc_tools import protoc  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_generated_module_is_what_the_proto_file_generates(tmp_path: Path) -> None:
    arguments = ["protoc", f"-I{ROOT}", f"--python_out={tmp_path}", f"--pyi_out={tmp_path}"]
    assert protoc.main([*arguments, "schemas/message.proto"]) == 0
    for name in ("message_pb2.py", "message_pb2.pyi"):
        assert (tmp_path / "schemas" / name).read_text() == (ROOT / "schemas" / name).read_text()
