"""The view of a room in a real browser: what it shows, what its buttons and keys do, and that it fits."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.harness import Capture, watch_capture
from tests.e2e.room_page import INSECURE_URL, RoomPage, bundle_room_page

MARKUP = "<img src=x onerror=\"document.title='run'\"><b>Eve</b>"
SILENT = {"stream": None, "microphone": True, "camera": True, "screen": False, "speaking": False}
OpenRoom = Callable[..., RoomPage]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle_room_page(tmp_path_factory.mktemp("room"))


@pytest.fixture
def room(context: BrowserContext, bundle: Path) -> RoomPage:
    return RoomPage(context, bundle)


def said(number: int, text: str, *, peer: str = "p1", nickname: str = "Ada") -> dict[str, Any]:
    return {
        "id": str(number),
        "peer": peer,
        "nickname": nickname,
        "time_ms": int(time.time() * 1000) + 1000 + number,
        "text": text,
    }


def test_names_and_messages_are_text(room: RoomPage) -> None:
    room.show(
        [{"nickname": MARKUP}],
        traits={"room": MARKUP, "nickname": MARKUP},
        data={"texts": [said(1, MARKUP, nickname=MARKUP)], "told": MARKUP},
    )
    room.page.keyboard.press("Tab")
    room.button("Chat, 1 unread").click()
    expect(room.room.get_by_text(MARKUP, exact=True)).to_have_count(5)  # name, tile, told, chat: who and what
    expect(room.room.get_by_text(f"{MARKUP} (you)")).to_have_count(1)
    assert room.room.locator("img, b").count() == 0
    assert room.page.title() == "room"


def test_the_buttons_do_what_they_say(room: RoomPage) -> None:
    room.show(1)
    for name in ("Mute the microphone", "Turn the camera off", "Share the screen", "Leave the room"):
        room.button(name).click()
    assert room.take_calls() == [["setMicrophone", False], ["setCamera", False], ["shareScreen"], ["leave"]]

    room.change("own", own={**SILENT, "microphone": False, "camera": False, "screen": True})
    for name in ("Unmute the microphone", "Turn the camera on", "Stop sharing the screen"):
        room.button(name).click()
    assert room.take_calls() == [["setMicrophone", True], ["setCamera", True], ["stopSharing"]]


def test_a_screen_that_is_not_shared_is_explained_unless_the_user_chose_so(room: RoomPage) -> None:
    room.show(1)
    refuse = "name => { page.room.refusal = new DOMException('No screen can be read here.', name); }"
    room.page.evaluate(refuse, "NotAllowedError")
    room.button("Share the screen").click()
    expect(room.room.get_by_text("The screen is not shared")).to_have_count(0)
    room.page.evaluate(refuse, "NotReadableError")
    room.button("Share the screen").click()
    expect(
        room.room.get_by_text("The screen is not shared: No screen can be read here.", exact=True)
    ).to_be_visible()


def test_keys_do_it_while_the_view_has_the_focus_and_the_notebook_hears_none(room: RoomPage) -> None:
    room.show(1)
    room.room.focus()
    for key in ("m", "v", "s"):
        room.page.keyboard.press(key)
    assert room.take_calls() == [["setMicrophone", False], ["setCamera", False], ["shareScreen"]]

    room.page.keyboard.press("c")
    draft = room.room.get_by_role("textbox", name="Message to all")
    expect(draft).to_be_focused()
    room.page.keyboard.type("mvscf")
    expect(draft).to_have_value("mvscf")
    room.page.keyboard.press("Escape")
    expect(draft).to_be_hidden()
    expect(room.button("Chat")).to_be_focused()
    room.page.keyboard.press("f")
    room.page.wait_for_function("document.fullscreenElement?.className === 'ipymedia-room'")
    room.page.keyboard.press("f")
    room.page.wait_for_function("document.fullscreenElement === null")
    assert room.take_calls() == []
    assert room.leaked_keys() == []

    # What is not the room's stays the notebook's.
    room.room.focus()
    for key in ("Control+s", "x", "Escape"):
        room.page.keyboard.press(key)
    assert room.leaked_keys() == ["Control", "s", "x", "Escape"]
    assert room.take_calls() == []


def test_everything_can_be_reached_by_tab(room: RoomPage) -> None:
    room.show(2, data={"told": "The broker is away.", "soundBlocked": True})
    room.button("Chat").click()
    wanted = room.page.evaluate(
        """() => [...document.querySelectorAll("button, input, textarea")]
            .filter((shown) => shown.checkVisibility() && !shown.disabled)
            .map((shown) => shown.ariaLabel ?? shown.textContent)"""
    )
    assert len(wanted) >= 12
    room.page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(len(wanted) + 6):
        room.page.keyboard.press("Tab")
        reached.append(
            room.page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent")
        )
    assert set(wanted) <= set(reached)


def test_every_button_and_tile_has_a_name_to_be_heard(room: RoomPage) -> None:
    room.show(
        [{"nickname": "Ada", "microphone": False, "camera": False}, {"nickname": "Alan", "state": "lost"}]
    )
    assert room.page.evaluate(
        """() => [...document.querySelectorAll("button")].filter((shown) => shown.checkVisibility())
            .every((shown) => (shown.ariaLabel ?? shown.textContent).trim() !== "")"""
    )
    for name in ("Ada, muted, no picture", "Alan, connection lost", "Grace (you)"):
        expect(room.room.get_by_role("group", name=name, exact=True)).to_be_visible()
    expect(room.room.get_by_text("Connection lost")).to_be_visible()


def test_a_message_is_written_and_sent_with_enter(room: RoomPage) -> None:
    room.show(1)
    room.button("Chat").click()
    draft = room.room.get_by_role("textbox", name="Message to all")
    room.page.keyboard.press("Enter")
    room.page.keyboard.type("one")
    room.page.keyboard.press("Shift+Enter")
    room.page.keyboard.type("two")
    before = draft.bounding_box()
    room.page.keyboard.press("Enter")
    assert room.take_calls() == [["say", "one\ntwo"]]
    expect(draft).to_have_value("")
    after = draft.bounding_box()
    assert before is not None
    assert after is not None
    assert before["height"] > after["height"]

    draft.fill("a" * 10_001)
    expect(room.room.get_by_text("1 characters too long")).to_be_visible()
    expect(room.button("Send")).to_be_disabled()
    room.page.keyboard.press("Enter")
    assert room.take_calls() == []
    draft.fill("👍" * 9_999)
    expect(room.room.get_by_text("1 characters left")).to_be_visible()
    room.button("Send").click()
    assert room.take_calls() == [["say", "👍" * 9_999]]


def test_unread_messages_are_counted_until_the_chat_is_opened(room: RoomPage) -> None:
    earlier = {**said(1, "before you came"), "time_ms": 1}
    room.show(1, data={"texts": [earlier, said(2, "mine", peer="")]})
    expect(room.button("Chat")).to_be_visible()
    texts = [earlier, said(2, "mine", peer=""), said(3, "hello"), said(4, "are you there?")]
    room.change("texts", texts=texts)
    expect(room.room.locator("[aria-live]")).to_have_text("Message from Ada.")
    room.button("Chat, 2 unread").click()
    expect(room.room.get_by_text("are you there?")).to_be_visible()
    room.button("Close the chat").first.click()
    expect(room.button("Chat")).to_be_visible()
    assert room.room.locator(".ipymedia-count").count() == 0


def test_the_chat_stays_at_its_end_unless_one_reads_above(room: RoomPage) -> None:
    texts = [said(number, f"line {number}") for number in range(60)]
    room.show(1, data={"texts": texts})
    room.room.get_by_role("button", name="Chat").click()
    expect(room.room.get_by_text("line 59")).to_be_in_viewport()
    texts.append(said(60, "line 60"))
    room.change("texts", texts=texts)
    expect(room.room.get_by_text("line 60")).to_be_in_viewport()

    messages = room.room.get_by_role("log")
    messages.evaluate("list => { list.scrollTop = 0; }")
    expect(room.button("New messages")).to_be_hidden()
    texts.append(said(61, "line 61"))
    room.change("texts", texts=texts)
    expect(room.room.get_by_text("line 61")).not_to_be_in_viewport()
    expect(room.room.get_by_text("line 0", exact=True)).to_be_in_viewport()
    room.button("New messages").click()
    expect(room.room.get_by_text("line 61")).to_be_in_viewport()
    expect(room.button("New messages")).to_be_hidden()

    # The kernel keeps a number of texts: those that it dropped go.
    room.change("texts", texts=texts[-5:])
    expect(messages.locator(".ipymedia-chat-line")).to_have_count(5)


def test_the_invite_is_copied(room: RoomPage) -> None:
    room.show(0)
    expect(room.room.get_by_text("Nobody else is here")).to_be_visible()
    copy = room.room.locator(".ipymedia-invite:visible")
    copy.click()
    expect(copy).to_have_text("Copied")
    copied = room.page.evaluate("navigator.clipboard.readText()")
    assert copied == room.page.evaluate("page.model.get('invite')")
    room.change("people", persons=[{"nickname": "Ada"}])
    expect(room.room.get_by_text("Nobody else is here")).to_have_count(0)
    expect(room.button("Copy invite")).to_be_visible()


def test_without_the_clipboard_the_invite_is_shown_selected(context: BrowserContext, bundle: Path) -> None:
    room = RoomPage(context, bundle, url=INSECURE_URL)
    room.show(0)
    expect(room.tiles.first.get_by_role("alert")).to_contain_text("This page may not use a camera")
    room.button("Copy invite").click()
    field = room.room.get_by_role("textbox", name="Invite to copy")
    expect(field).to_be_focused()
    invite = room.page.evaluate("page.model.get('invite')")
    assert room.page.evaluate("getSelection().toString()") == invite
    expect(room.room.get_by_text("Copy it with Ctrl+C").locator("visible=true")).to_have_count(1)
    room.page.keyboard.press("Control+c")
    expect(room.room.locator(".ipymedia-invite:visible")).to_have_text("Copied")
    room.page.keyboard.press("Escape")
    expect(field).to_be_hidden()


def test_ones_own_name_is_changed_in_place(room: RoomPage) -> None:
    room.show(1)
    change = room.button("Grace (you): change your name")
    field = room.room.get_by_role("textbox", name="Your name")
    change.click()
    expect(field).to_be_focused()
    room.page.keyboard.type("M. v. Scf")  # over the selected old one; and no key is a shortcut here
    room.page.keyboard.press("Enter")
    assert room.take_calls() == [["rename", "M. v. Scf"]]
    expect(field).to_have_count(0)

    room.set_trait("nickname", "M. v. Scf")
    room.button("M. v. Scf (you): change your name").click()
    field.fill("Somebody else")
    room.page.keyboard.press("Escape")
    expect(room.button("M. v. Scf (you): change your name")).to_be_focused()
    room.button("M. v. Scf (you): change your name").click()
    field.fill("   ")
    room.page.keyboard.press("Enter")
    assert room.take_calls() == []
    room.button("M. v. Scf (you): change your name").click()
    field.fill("Grace H.")
    room.button("Copy invite").focus()
    assert room.take_calls() == [["rename", "Grace H."]]


def test_a_second_page_shows_the_room_and_offers_to_bring_it_here(room: RoomPage) -> None:
    room.show([{"nickname": "Ada", "state": "connecting"}], data={"here": False})
    room.wait_pictures()
    expect(room.tiles.nth(1).locator("video")).to_be_visible()
    expect(room.room.get_by_text("The call is in another page")).to_be_visible()
    expect(room.room.get_by_text("Connecting …")).to_have_count(0)  # this page connects to nobody
    for name in ("Mute the microphone", "Turn the camera off", "Share the screen", "Choose devices"):
        expect(room.room.get_by_role("button", name=name)).to_have_count(0)
    room.room.focus()
    room.page.keyboard.press("m")
    assert room.take_calls() == []
    room.button("Bring it here").click()
    assert room.take_calls() == [["takeOver"]]
    room.change("call", here=True)
    expect(room.room.get_by_text("The call is in another page")).to_have_count(0)
    expect(room.button("Mute the microphone")).to_be_visible()


def test_a_failure_is_explained_and_tried_again(room: RoomPage) -> None:
    error = {"reason": "broker_refused", "message": "The broker refused the password.", "detail": "code 5"}
    room.show(0, traits={"state": "failed", "_error": error}, data={"joined": False})
    alert = room.room.get_by_role("alert")
    expect(alert).to_contain_text("The broker refused")
    expect(alert).to_contain_text(error["message"])
    alert.get_by_text("Details").click()
    expect(alert.get_by_text("code 5")).to_be_visible()
    assert room.tiles.count() == 0
    room.button("Try again").click()
    assert room.take_calls() == [["rejoin"]]

    room.set_trait("_error", {})
    room.set_trait("state", "joining")
    expect(room.room.get_by_text("Joining “standup”")).to_be_visible()
    room.set_trait("state", "joined")
    room.change("call", joined=True)
    expect(room.room.get_by_text("Nobody else is here")).to_be_visible()


def test_who_left_may_come_back_and_the_camera_is_off_meanwhile(
    context: BrowserContext, bundle: Path
) -> None:
    watch_capture(context)
    room = RoomPage(context, bundle)
    room.show(1)
    room.wait_pictures()
    capture = Capture(room.page)
    assert len(capture.live("video")) == 1
    room.set_trait("state", "left")
    room.change("call", joined=False, people=[])
    expect(room.room.get_by_text("You left “standup”")).to_be_visible()
    expect(room.button("Leave the room")).to_have_count(0)
    capture.wait_dark()
    room.button("Join again").click()
    assert room.take_calls() == [["rejoin"]]


def test_what_disturbs_is_said_in_bars_while_the_call_goes_on(room: RoomPage) -> None:
    room.show(1, data={"told": "The broker is away.", "soundBlocked": True})
    expect(room.room.get_by_text("The broker is away.")).to_be_visible()
    room.button("Play the sound").click()
    assert room.take_calls() == [["unblockSound"]]
    room.change("told", told="", soundBlocked=False)
    expect(room.room.locator(".ipymedia-bar")).to_have_count(0)


def test_a_kernel_that_is_gone_ends_the_view(room: RoomPage) -> None:
    room.show(1)
    room.page.evaluate(
        """() => {
          Object.defineProperty(page.room.link, "phase", { get: () => "gone" });
          page.room.link.dispatchEvent(new Event("phase"));
        }"""
    )
    expect(room.room.get_by_text("The kernel is gone")).to_be_visible()
    assert room.tiles.count() == 0


def test_joins_and_leaves_are_announced(room: RoomPage) -> None:
    room.show([{"nickname": "Ada"}])
    heard = room.room.locator("[aria-live=polite]")
    expect(heard).to_have_text("")
    room.change("people", persons=[{"nickname": "Ada"}, {"nickname": "Alan"}])
    expect(heard).to_have_text("Alan joined.")
    room.change("people", persons=[{"nickname": "Ada"}])
    expect(heard).to_have_text("Alan left.")
    expect(room.tiles).to_have_count(2)


def test_marks_say_who_speaks_and_who_can_not_be_heard_or_seen(room: RoomPage) -> None:
    people = [{"nickname": "Ada"}, {"nickname": "Alan", "microphone": False, "speaking": True}]
    people += [{"nickname": "Éva", "camera": False, "state": "relayed"}]
    room.show(people)
    ada, alan, eva = (room.tiles.nth(number) for number in (1, 2, 3))
    ring = "tile => getComputedStyle(tile, '::after').borderColor"
    assert ada.evaluate(ring) == alan.evaluate(ring)
    expect(alan.get_by_title("Muted")).to_be_visible()
    expect(eva.get_by_text("É", exact=True)).to_be_visible()
    expect(eva.get_by_text("Relayed")).to_be_visible()
    assert eva.locator("video, canvas").count() == 0
    room.change("speaking", persons=[{**people[0], "speaking": True}, *people[1:]])
    expect(ada.get_by_title("Speaks")).to_be_visible()
    room.page.wait_for_function(
        """() => { const [, ada, alan] = document.querySelectorAll(".ipymedia-tile");
            return getComputedStyle(ada, "::after").borderColor !== getComputedStyle(alan, "::after").borderColor; }"""
    )


def test_ones_own_camera_is_a_mirror_and_a_shared_screen_is_not(room: RoomPage) -> None:
    room.show([{"nickname": "Ada"}])
    room.wait_pictures()
    picture = (
        "number => getComputedStyle(document.querySelectorAll('.ipymedia-tile-picture')[number]).transform"
    )
    assert room.page.evaluate(picture, 0) == "matrix(-1, 0, 0, 1, 0, 0)"
    assert room.page.evaluate(picture, 1) == "none"
    room.page.evaluate(
        """() => {
          const stream = page.painted.get("w1").mediaStream();
          page.change("own", { own: { stream, microphone: true, camera: true, screen: true, speaking: false } });
        }"""
    )
    room.wait_pictures()
    assert room.page.evaluate(picture, 0) == "none"
    assert room.page.evaluate("document.querySelector('.ipymedia-tile video').videoWidth") == 640


def test_a_camera_that_is_not_allowed_is_said_in_ones_own_tile(
    denying_context: BrowserContext, bundle: Path
) -> None:
    room = RoomPage(denying_context, bundle)
    room.show([{"nickname": "Ada"}])
    own = room.tiles.first
    expect(own.get_by_role("alert")).to_contain_text("The camera is not allowed")
    expect(own.get_by_role("button", name="Try again")).to_be_visible()


def test_devices_are_chosen_in_one_menu(context: BrowserContext, bundle: Path) -> None:
    room = RoomPage(context, bundle)
    room.show(1)
    room.wait_pictures()
    room.button("Choose devices").click()
    menu = room.room.get_by_role("menu", name="Choose devices")
    for group in ("Camera", "Microphone", "Loudspeaker"):
        expect(menu.get_by_role("group", name=group)).to_be_visible()
    microphones = menu.get_by_role("group", name="Microphone").get_by_role("menuitemradio")
    microphones.last.click()
    chosen = "() => page.model.widget_manager.get_model('own').then((model) => model.get('microphone'))"
    assert room.page.evaluate(chosen) != ""
    room.button("Choose devices").click()
    menu.get_by_role("group", name="Loudspeaker").get_by_role("menuitemradio").last.click()
    [[called, device]] = room.take_calls()
    assert called == "useSpeaker"
    assert device != ""


def test_the_others_are_heard_from_the_chosen_loudspeaker(room: RoomPage) -> None:
    room.show(1)
    room.wait_pictures()  # devices have ids once one was allowed
    device = room.page.evaluate(
        """async () => (await navigator.mediaDevices.enumerateDevices())
            .findLast(({ kind }) => kind === "audiooutput").deviceId"""
    )
    assert len(device) == 64
    heard = room.page.evaluate("devices => page.hear(devices)", [device])
    assert heard == {"sinks": [device, device], "speaker": device, "refused": ""}
    heard = room.page.evaluate("devices => page.hear(devices)", [device, "not a device"])
    assert "NotFoundError" in heard["refused"]
    assert heard["speaker"] == device


def test_who_leaves_is_out_before_the_kernel_says_so(room: RoomPage) -> None:
    room.show(1)
    assert room.page.evaluate("page.leaveRoom()") == [True, False]


def test_people_move_into_a_window_of_their_own_and_back(context: BrowserContext, bundle: Path) -> None:
    room = RoomPage(context, bundle)
    room.show(2)
    room.wait_pictures()
    with context.expect_page() as opened:
        room.button("Picture in picture").click()
    window: Page = opened.value
    expect(window.locator(".ipymedia-tile")).to_have_count(3)
    window.wait_for_function(
        "() => [...document.querySelectorAll('.ipymedia-tile')].every((tile) => tile.dataset.seen === 'true')"
    )
    assert room.tiles.count() == 0
    expect(room.room.get_by_text("The call is in a window of its own")).to_be_visible()
    window.get_by_role("button", name="Mute the microphone").click()
    assert room.take_calls() == [["setMicrophone", False]]
    room.button("Bring it back").click()
    expect(room.tiles).to_have_count(3)
    room.wait_pictures()


def test_without_such_windows_who_speaks_is_shown_by_the_browser(
    context: BrowserContext, bundle: Path
) -> None:
    context.add_init_script("delete globalThis.documentPictureInPicture;")
    room = RoomPage(context, bundle)
    people = [{"nickname": "Ada"}, {"nickname": "Alan"}]
    room.show(people)
    room.wait_pictures()
    room.button("Picture in picture").click()
    shown = "number => document.pictureInPictureElement?.srcObject === page.painted.get(`w${number}`).mediaStream()"
    room.page.wait_for_function(shown, arg=1)
    room.change("speaking", persons=[people[0], {**people[1], "speaking": True}])
    room.page.wait_for_function(shown, arg=2)
    room.button("Bring the picture back").click()
    room.page.wait_for_function("document.pictureInPictureElement === null")
    expect(room.button("Picture in picture")).to_be_visible()


def test_a_double_click_fills_the_screen_unless_it_is_in_a_field(room: RoomPage) -> None:
    room.show(1)
    room.button("Grace (you): change your name").dblclick()
    room.room.get_by_role("textbox", name="Your name").dblclick()
    room.page.evaluate("() => new Promise(requestAnimationFrame)")
    assert room.page.evaluate("document.fullscreenElement") is None
    room.tiles.nth(1).dblclick()
    room.page.wait_for_function("document.fullscreenElement !== null")


def test_nothing_is_left_of_a_view_that_ended(context: BrowserContext, bundle: Path) -> None:
    watch_capture(context)
    room = RoomPage(context, bundle)
    room.show(3)
    room.wait_pictures()
    assert room.page.evaluate("page.end()") == {"elements": 0, "consumers": 0}
    Capture(room.page).wait_dark()


SIZES = {"cell": (700, 640), "sidebar": (260, 640), "phone": (360, 740), "full screen": (1920, 1080)}
NOTICES = {"told": "The broker is away: nobody new can join until it is back.", "soundBlocked": True}


@pytest.mark.parametrize("place", SIZES)
def test_it_fits(room: RoomPage, place: str) -> None:
    width, height = SIZES[place]
    room.page.set_viewport_size({"width": width, "height": height})
    for people, chat, notices in itertools.product((0, 1, 3, 5), (False, True), ({}, NOTICES)):
        room.show(people, data=notices, style="height: 100vh" if place == "full screen" else "")
        if chat:
            room.button("Chat").click()
        what = f"{people + 1} people, chat {chat}, bars {bool(notices)}"
        assert room.overflows() == [], what
        boxes = room.page.evaluate(
            """() => [...document.querySelectorAll(".ipymedia-tile")]
                .map((tile) => tile.getBoundingClientRect().toJSON())"""
        )
        assert len(boxes) == max(2, people + 1)
        for one, other in itertools.combinations(boxes, 2):
            apart = (
                one["right"] <= other["left"] + 0.5
                or other["right"] <= one["left"] + 0.5
                or one["bottom"] <= other["top"] + 0.5
                or other["bottom"] <= one["top"] + 0.5
            )
            assert apart, what
        if not notices:
            assert min(box["width"] for box in boxes) >= 70, what
            assert min(box["height"] for box in boxes) >= 60, what
    if place == "full screen":
        return
    box = room.room.bounding_box()
    assert box is not None
    assert box["height"] <= height, "it is higher than the window"


def test_a_layout_of_the_widget_is_kept_to(room: RoomPage) -> None:
    room.show(2, style="width: 500px; height: 300px")
    box = room.room.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (500, 300)
    assert room.overflows() == []


def test_with_reduced_motion_nothing_moves(room: RoomPage) -> None:
    room.page.emulate_media(reduced_motion="reduce")
    room.show(2)
    assert room.tiles.first.evaluate("tile => getComputedStyle(tile).animationName") == "none"
