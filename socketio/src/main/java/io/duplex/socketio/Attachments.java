package io.duplex.socketio;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BinaryNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Takes binary values out of JSON, as it has none, and puts them back. */
final class Attachments {
    private static final String MARK = "_placeholder";
    private static final String NUMBER = "num";

    private Attachments() {}

    /** A copy of {@code data} in which placeholders stand for binary values, which are added to {@code taken}. */
    static JsonNode takeOut(JsonNode data, List<byte[]> taken) {
        if (data instanceof BinaryNode binary) {
            ObjectNode placeholder = JsonNodeFactory.instance.objectNode();
            placeholder.put(MARK, true).put(NUMBER, taken.size());
            taken.add(binary.binaryValue());
            return placeholder;
        }
        if (data instanceof ArrayNode array) {
            ArrayNode copy = JsonNodeFactory.instance.arrayNode(array.size());
            for (JsonNode element : array) {
                copy.add(takeOut(element, taken));
            }
            return copy;
        }
        if (data instanceof ObjectNode object) {
            ObjectNode copy = JsonNodeFactory.instance.objectNode();
            for (Map.Entry<String, JsonNode> property : object.properties()) {
                copy.set(property.getKey(), takeOut(property.getValue(), taken));
            }
            return copy;
        }
        return data;
    }

    /**
     * Puts binary values in the place of their placeholders.
     *
     * @return {@code data}, changed; or the value that takes its place
     * @throws PacketFault if a placeholder stands for none
     */
    static JsonNode putBack(JsonNode data, List<byte[]> values) throws PacketFault {
        if (data instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, putBack(array.get(i), values));
            }
        } else if (data instanceof ObjectNode object) {
            if (object.path(MARK).isBoolean() && object.path(MARK).booleanValue()) {
                return JsonNodeFactory.instance.binaryNode(values.get(index(object, values.size())));
            }
            for (Map.Entry<String, JsonNode> property : object.properties()) {
                property.setValue(putBack(property.getValue(), values));
            }
        }
        return data;
    }

    private static int index(ObjectNode placeholder, int values) throws PacketFault {
        JsonNode number = placeholder.path(NUMBER);
        if (!number.isInt() || number.intValue() < 0 || number.intValue() >= values) {
            throw new PacketFault("a placeholder stands for no attachment");
        }
        return number.intValue();
    }
}
