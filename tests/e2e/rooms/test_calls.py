"""Two notebooks of one server meet with nothing set up; what the other shows is a stream of this notebook."""

from __future__ import annotations

import av

from tests.e2e.harness.pixels import wait_for_pixels
from tests.e2e.rooms.people import PATTERN, Person


def test_two_meet_by_an_invite_and_all_of_it_works(person) -> None:
    ann = person("Ann").join("None")
    assert f'chat("{ann.invite}")' in ann.notebook.output_text(ann.cell)
    bob = person("<b>Bob</b>").join(repr(ann.invite))
    ann.sees("<b>Bob</b>")  # a name is a text
    bob.sees("Ann")
    assert ann.others() == ["<b>Bob</b>"]
    assert ann.notebook.evaluate(
        "[len(room.streams), room.streams[0] is camera, room.streams[1] is room.peers[0].stream_remote]"
    ) == [2, True, True]
    assert ann.notebook.evaluate("room.peers[0].way") == "host/host"

    # Texts: from Python, from the page; dicts are heard by Python alone.
    bob.notebook.run(
        "heard = []\nroom.on_message(lambda message, peer: heard.append([message, peer.nickname]))"
    )
    ann.notebook.run("room.send('hello')\nroom.send({'slide': 3})")
    bob.notebook.wait_for("heard == [['hello', 'Ann'], [{'slide': 3}, 'Ann']]")
    bob.view.get_by_role("button", name="chat").first.click()
    bob.view.get_by_text("hello", exact=True).wait_for()
    box = bob.view.get_by_role("textbox").last
    box.fill("<img src=x>")
    box.press("Enter")
    ann.view.get_by_role("button", name="chat").first.click()
    ann.view.get_by_text("<img src=x>", exact=True).wait_for()

    # In a running cell: a still, a loop; a file; and through Python, back to the other.
    ann.notebook.run(
        "shape = room.streams[1].snapshot().shape\n"
        "count = sum(1 for _, image in zip(range(5), room.streams[1].frames()))"
    )
    assert ann.notebook.evaluate("[list(shape), count]") == [[240, 320, 3], 5]
    ann.notebook.run("room.streams[1].record('guest.webm', seconds=2)", timeout_s=40)
    with av.open(str(ann.notebook.server.root / "guest.webm")) as file:
        kinds = {stream.type for stream in file.streams}
        assert kinds == {"audio", "video"}
        assert sum(1 for _ in file.decode(video=0)) > 20
    ann.notebook.run("room.stream = room.streams[1].map(lambda image: image // 4 + 190, name='light')")
    wait_for_pixels(bob.picture_of("Ann"), lambda seen: seen.mean() > 180)

    # The other leaves, by the page's button, and comes back.
    bob.view.get_by_role("button", name="Leave").click()
    ann.waits_for()
    assert ann.notebook.evaluate("len(room.streams)") == 1
    bob.view.get_by_role("button", name="Join again").click()
    ann.sees("<b>Bob</b>")


def test_a_name_will_do_on_one_server_and_the_cell_run_again_stays(person) -> None:
    ann, bob = (person(name).join("'stand/up #1+'") for name in ("Ann", "Bob"))
    ann.sees("Bob")
    before = bob.notebook.evaluate("room.room_id")
    bob.notebook.run_cell(bob.cell)
    bob.sees("Ann")
    assert bob.notebook.evaluate("room.room_id") == before
    # A function's result has no camera; the stream that it is made of has.
    bob.notebook.run("room.stream = camera.map(lambda image: 255 - image)")
    bob.view.get_by_role("button", name="Choose devices").click()
    cameras = bob.view.get_by_role("group", name="Camera").get_by_role("menuitemradio")
    cameras.first.wait_for()
    bob.notebook.page.keyboard.press("Escape")
    bob.notebook.run("room.nickname = 'Robert'")
    ann.waits_for("Robert")
    # Another room from the same cell: the first one is left.
    bob.notebook.set_source(bob.cell, "room = chat('elsewhere', camera)")
    bob.notebook.run_cell(bob.cell)
    ann.waits_for()


def test_reloaded_a_page_is_back_in_the_call(person) -> None:
    ann, bob = (person(name).join("'reload'") for name in ("Ann", "Bob"))
    ann.sees("Bob")
    bob.notebook.reload()
    bob.view.wait_for()
    bob.sees("Ann", timeout_s=5)
    ann.waits_for("Bob")
    ann.sees("Bob")


def test_a_second_page_shows_the_room_and_brings_it_here(person) -> None:
    ann, bob = (person(name).join("'two pages'") for name in ("Ann", "Bob"))
    ann.sees("Bob")
    second = Person(bob.notebook.second(), "Bob")
    second.cell = bob.cell
    second.sees("Ann")  # by the kernel
    second.view.get_by_role("button", name="Bring it here").click()
    second.view.get_by_role("button", name="Leave").wait_for()
    ann.waits_for("Bob")
    ann.sees("Bob")
    second.sees("Ann")
    bob.view.get_by_role("button", name="Bring it here").wait_for()
    second.notebook.page.close()


def test_rooms_of_one_kernel_meet_in_one_page(open_notebook) -> None:
    notebook = open_notebook(
        [
            PATTERN,
            "one = WebRTCRoomLocal('here', camera, nickname='one')\none",
            "two = WebRTCRoomLocal('here', camera.map(lambda image: 255 - image), nickname='two')\ntwo",
        ]
    )
    notebook.run_all()
    people = [Person(notebook, name) for name in ("one", "two")]
    for index, each in enumerate(people):
        each.cell = index + 1
    people[0].sees("two")
    people[1].sees("one")
    # The peer is an object that can be shown, and asked to connect anew.
    notebook.run_cell(notebook.add_cell("one.peers[0]"))
    notebook.run("one.peers[0].connect()")
    people[0].sees("two")


BAD_INPUT = {
    "chat('ipymedia-room:AAAA', camera)": "The invite was not read",
    "chat('x' * 10_000, camera)": "characters, at most 64",
    "chat('a\\nb', camera)": "control characters",
    "chat('r', camera, server='mqtt://127.0.0.1:9')": "nothing listens at 127.0.0.1, port 9",
    "chat('r', camera, ice_servers=['turn'])": "no address of a STUN or TURN server",
    "WebRTCRoom().join()": "does not say where people meet",
    "WebRTCPeer().connect()": "it is in no room",
}


def test_bad_input(open_notebook) -> None:
    notebook = open_notebook([PATTERN])
    notebook.run_cell(0)
    for make, words in BAD_INPUT.items():
        text = notebook.run(make, expect_error=True)
        assert "RoomError" in text, make
        assert words in text, make
